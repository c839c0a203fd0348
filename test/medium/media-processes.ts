import { readdirSync, readFileSync } from 'node:fs';

/** Process IDs of the programs of that name which this process has started and which have not ended. */
export function childrenNamed(name: string): number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .filter((pid) => {
      const stat = statOf(pid);
      // `pid (name) state parent …`, where the name may hold anything.
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return stat.includes(`(${name})`) && Number(parent) === process.pid && state !== 'Z';
    })
    .map(Number);
}

function statOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    // It has ended since.
    return '';
  }
}
