import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A process, told apart from any other that had or will have its ID: after a restart of a machine IDs come again. */
export interface ProcessMark {
  readonly pid: number;
  readonly started: string;
}

/** @returns null where no such process runs */
export function markOf(pid: number): ProcessMark | null {
  const started = process.platform === 'linux' ? startedLinux(pid) : startedElsewhere(pid);
  return started === null ? null : { pid, started };
}

export function isRunning({ pid, started }: ProcessMark): boolean {
  return markOf(pid)?.started === started;
}

/** Reads back a mark that was written as JSON; null for anything else. */
export function parseMark(text: string): ProcessMark | null {
  try {
    const value = JSON.parse(text) as Partial<ProcessMark> | null;
    if (typeof value?.pid !== 'number' || typeof value.started !== 'string') return null;
    return { pid: value.pid, started: value.started };
  } catch {
    return null;
  }
}

/** Ticks from the machine's start to the process's, and which start of the machine that was. */
function startedLinux(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in brackets, which may hold spaces and brackets; state is the third, start the 22nd.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const isZombie = fields[0] === 'Z';
    if (isZombie) return null;
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot} ${fields[19] ?? ''}`;
  } catch {
    return null;
  }
}

function startedElsewhere(pid: number): string | null {
  const { stdout } = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' });
  const started = stdout.trim();
  return started === '' ? null : started;
}
