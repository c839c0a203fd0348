import { readFile } from 'node:fs/promises';

/** Largest resident memory a process has had so far, in MB (`VmHWM` of Linux). */
export async function peakMemory(pid: number): Promise<number> {
  return megabytes(pid, 'VmHWM');
}

/** Resident memory of a process now, in MB (`VmRSS` of Linux). */
export async function residentMemory(pid: number): Promise<number> {
  return megabytes(pid, 'VmRSS');
}

async function megabytes(pid: number, name: string): Promise<number> {
  return Math.round((await statusField(pid, name)) / 1024);
}

/** A number of `/proc/PID/status`, in its own unit: kB for memory. */
export async function statusField(pid: number, name: string): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const value = new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1];
  if (value === undefined) throw new Error(`expected ${name} of process ${pid}`);
  return Number(value);
}
