import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import type { AnalysisResult } from '../workflows/contracts/result.js';
import { workflowIdOf } from '../workflows/contracts/progress.js';
import type { ActivityTimes } from './activity-times.js';
import { EMPTY_QUEUES } from './empty/worker.js';
import { percentiles, type Percentiles } from './percentiles.js';

export interface OverheadTimes {
  /** HTTP request to answer, ms. */
  readonly request: Percentiles;
  /** That, less the activities' own work. */
  readonly overhead: Percentiles;
  /** Start to result of the empty workflow of the same shape. */
  readonly empty: Percentiles;
  /** Medians: overhead over empty. */
  readonly ratio: number;
  /** A request for what was analysed before. */
  readonly repeated: Percentiles;
}

const ROUNDS = 60;
const WARM_UP = 5;

/** Sends pictures that were never seen before and starts empty workflows, in turn, so that both meet the same machine. */
export async function measureOverhead(
  url: string,
  temporalAddress: string,
  picture: Buffer,
  times: ActivityTimes,
): Promise<OverheadTimes> {
  const client = new Client({ connection: await Connection.connect({ address: temporalAddress }) });
  const requests: number[] = [];
  const overheads: number[] = [];
  const empties: number[] = [];
  const repeats: number[] = [];
  for (let round = 0; round < WARM_UP + ROUNDS; round += 1) {
    // Bytes after the end of a JPEG change its hash and nothing else.
    const unseen = Buffer.concat([picture, Buffer.from(randomUUID())]);
    const [request, result] = await timed(() => analyse(url, unseen));
    const [repeat] = await timed(() => analyse(url, unseen));
    const [empty] = await timed(() => runEmpty(client));
    const work = await untilKnown(() => times.onTheWay(workflowIdOf(result.id, '')));
    if (round < WARM_UP) continue;
    requests.push(request);
    overheads.push(request - work);
    empties.push(empty);
    repeats.push(repeat);
  }
  await client.connection.close();
  const overhead = percentiles(overheads);
  const empty = percentiles(empties);
  const ratio = Math.round((overhead.p50 / empty.p50) * 100) / 100;
  return { request: percentiles(requests), overhead, empty, ratio, repeated: percentiles(repeats) };
}

async function analyse(url: string, picture: Buffer): Promise<AnalysisResult> {
  const form = new FormData();
  form.set('media', new Blob([new Uint8Array(picture)]), 'picture.jpg');
  const response = await fetch(`${url}/api/v1/inference`, { method: 'POST', body: form });
  if (response.status !== 200)
    throw new Error(`expected 200, got ${response.status}: ${await response.text()}`);
  return (await response.json()) as AnalysisResult;
}

async function runEmpty(client: Client): Promise<void> {
  const { analyses, ...queues } = EMPTY_QUEUES;
  await client.workflow.execute('emptyAnalysis', {
    taskQueue: analyses,
    workflowId: randomUUID(),
    args: [queues],
  });
}

async function timed<T>(work: () => Promise<T>): Promise<[number, T]> {
  const began = performance.now();
  const value = await work();
  return [performance.now() - began, value];
}

async function untilKnown(ask: () => number | null): Promise<number> {
  for (let attempt = 0; attempt < 500; attempt += 1) {
    const value = ask();
    if (value !== null) return value;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error("expected the workers' logs to tell how long the activities took");
}
