import { readFile } from 'node:fs/promises';

/** Largest resident memory a process has had so far, in MB (`VmHWM` of Linux). */
export async function peakMemory(pid: number): Promise<number> {
  return field(pid, 'VmHWM');
}

/** Resident memory of a process now, in MB (`VmRSS` of Linux). */
export async function residentMemory(pid: number): Promise<number> {
  return field(pid, 'VmRSS');
}

async function field(pid: number, name: string): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const kilobytes = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1];
  if (kilobytes === undefined) throw new Error(`expected ${name} of process ${pid}`);
  return Math.round(Number(kilobytes) / 1024);
}
