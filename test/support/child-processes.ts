import { readdir, readFile } from 'node:fs/promises';

/** IDs of the living processes of that name whose parent is the given one. */
export async function childrenOf(parent: number, name: string): Promise<readonly number[]> {
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
      const [, command, state, ppid] = /^\d+ \((.*)\) (\S) (\d+)/.exec(stat) ?? [];
      return command === name && state !== 'Z' && Number(ppid) === parent ? [Number(pid)] : [];
    }),
  );
  return found.flat();
}
