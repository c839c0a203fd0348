import { readdir, readFile } from 'node:fs/promises';

/** IDs of the living processes of that name whose parent is the given one. */
export async function childrenOf(parent: number, name: string): Promise<readonly number[]> {
  const all = await livingProcesses();
  return all.filter((each) => each.name === name && each.parent === parent).map(({ pid }) => pid);
}

interface LivingProcess {
  readonly pid: number;
  readonly name: string;
  readonly parent: number;
}

/** The living processes that a process has started, and those that these have. */
export async function descendantsOf(parent: number): Promise<readonly LivingProcess[]> {
  const all = await livingProcesses();
  const below = (pid: number): LivingProcess[] =>
    all.filter((each) => each.parent === pid).flatMap((each) => [each, ...below(each.pid)]);
  return below(parent);
}

async function livingProcesses(): Promise<readonly LivingProcess[]> {
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
      const [, name = '', state, parent] = /^\d+ \((.*)\) (\S) (\d+)/.exec(stat) ?? [];
      return state === undefined || state === 'Z'
        ? []
        : [{ pid: Number(pid), name, parent: Number(parent) }];
    }),
  );
  return found.flat();
}
