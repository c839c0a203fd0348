import { readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { statusField } from '../process-memory.js';

/** One look at a process. */
export interface ProcessSample {
  readonly pid: number;
  /** kB, resident: all of it, and what belongs to no file. */
  readonly residentKb: number;
  readonly anonymousKb: number;
  /** kB in use on the heaps of JavaScript, of all its threads together; null where it isn't Node's. */
  readonly heapKb: number | null;
  /** kB outside of those heaps that JavaScript holds: buffers, WebAssembly's memory. */
  readonly externalKb: number | null;
  /** Handles of its event loops: sockets, timers, pipes. */
  readonly handles: number | null;
  readonly descriptors: number;
  readonly threads: number;
  /** How many threads have which name. */
  readonly threadNames: Readonly<Record<string, number>>;
  /** Child processes, ended ones that nobody has asked after included. */
  readonly children: number;
}

/** Node's options for a process that {@link sampleProcess} is to ask for its heaps: a report at SIGUSR2. */
export const reportOptions = (folder: string) =>
  `--report-on-signal --report-signal=SIGUSR2 --report-compact --report-directory=${folder}`;

const REPORT_LIMIT_MS = 10_000;

/** @param reports the folder of its reports; null where it isn't Node's */
export async function sampleProcess(pid: number, reports: string | null): Promise<ProcessSample> {
  // First: making a report takes memory and a descriptor.
  const [residentKb, anonymousKb, threads, threadNames, descriptors, children] = await Promise.all([
    statusField(pid, 'VmRSS'),
    statusField(pid, 'RssAnon'),
    statusField(pid, 'Threads'),
    namesOfThreads(pid),
    readdir(`/proc/${pid}/fd`).then(({ length }) => length),
    countChildren(pid),
  ]);
  const heap = reports === null ? null : heapOf(await reportOf(pid, reports));
  return {
    ...{ pid, residentKb, anonymousKb, threads, threadNames, descriptors, children },
    heapKb: heap?.heapKb ?? null,
    externalKb: heap?.externalKb ?? null,
    handles: heap?.handles ?? null,
  };
}

export async function countChildren(pid: number): Promise<number> {
  const tasks = await readdir(`/proc/${pid}/task`);
  const lists = await Promise.all(
    tasks.map((task) => readFile(`/proc/${pid}/task/${task}/children`, 'utf8').catch(() => '')),
  );
  return lists.flatMap((list) => list.split(' ').filter(Boolean)).length;
}

async function namesOfThreads(pid: number): Promise<Record<string, number>> {
  const names: Record<string, number> = {};
  for (const task of await readdir(`/proc/${pid}/task`)) {
    const name = (await readFile(`/proc/${pid}/task/${task}/comm`, 'utf8').catch(() => '')).trim();
    names[name] = (names[name] ?? 0) + 1;
  }
  return names;
}

/** The part of Node's diagnostic report that is used here. */
interface DiagnosticReport {
  readonly javascriptHeap: { readonly usedMemory: number; readonly externalMemory: number };
  readonly libuv: readonly { readonly is_active?: boolean }[];
  readonly workers?: readonly DiagnosticReport[];
}

async function reportOf(pid: number, folder: string): Promise<DiagnosticReport> {
  process.kill(pid, 'SIGUSR2');
  for (const deadline = Date.now() + REPORT_LIMIT_MS; Date.now() < deadline; await sleep(20)) {
    for (const name of await readdir(folder)) {
      if (!name.includes(`.${pid}.`)) continue;
      const file = path.join(folder, name);
      try {
        const report = JSON.parse(await readFile(file, 'utf8')) as DiagnosticReport;
        await rm(file);
        return report;
      } catch (error) {
        // Not written to its end yet.
        if (!(error instanceof SyntaxError)) throw error;
      }
    }
  }
  throw new Error(`expected a diagnostic report of process ${pid} in ${folder}`);
}

function heapOf(report: DiagnosticReport) {
  const all = [report, ...(report.workers ?? [])];
  const sum = (of: (one: DiagnosticReport) => number) => all.reduce((so, one) => so + of(one), 0);
  return {
    heapKb: Math.round(sum(({ javascriptHeap }) => javascriptHeap.usedMemory) / 1024),
    externalKb: Math.round(sum(({ javascriptHeap }) => javascriptHeap.externalMemory) / 1024),
    handles: sum(({ libuv }) => libuv.length),
  };
}
