import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client as TemporalClient } from '@temporalio/client';
import type { AnalysisResource } from '../../apps/api/analyses/analysis-resource.js';
import { workflowIdOf } from '../../workflows/contracts/progress.js';
import { begin, cancel, type Client } from '../load/client.js';
import { distinctVideo } from '../load/distinct-video.js';
import { countChildren } from '../soak/process-sample.js';

/** `api`: `POST …/cancel`. `temporal`: the request that `temporal workflow cancel` and the UI's button send to the server. */
export type Way = 'api' | 'temporal';

/** One cancelled analysis; milliseconds from the cancel call. */
export interface Round {
  readonly way: Way;
  /** Until no decoder of it lived. */
  readonly decodersGone: number;
  /** Until the API said `cancelled`: no task of it is with any worker then. */
  readonly cancelled: number;
  /** How long the first segment of the analysis that was sent next waited for a worker's slot, by Temporal's own times. */
  readonly nextWaited: number;
}

interface Service {
  readonly client: Client;
  readonly temporal: TemporalClient;
  readonly mediaPid: number;
}

const LOOK_EVERY_MS = 5;
const LIMIT_MS = 60_000;

/** Cancels one analysis of a long video after the other, in both ways by turns. */
export async function cancelRounds(
  service: Service,
  video: string,
  count: number,
): Promise<readonly Round[]> {
  const bytes = await readFile(video);
  const start = (n: number) => {
    const name = `cancel-${n}.mp4`;
    return begin(service.client, { name, kind: 'video', file: '' }, distinctVideo(bytes, name));
  };
  const rounds: Round[] = [];
  let id = await start(0);
  for (let n = 0; n < count; n += 1) {
    const way = n % 2 === 0 ? 'api' : 'temporal';
    await inTheMiddle(service, id);
    const began = performance.now();
    const asked =
      way === 'api'
        ? cancel(service.client, id)
        : service.temporal.workflow.getHandle(workflowIdOf(id, '')).cancel();
    const [decodersGone, cancelled] = await Promise.all([
      until(async () => (await countChildren(service.mediaPid)) === 0).then(
        () => performance.now() - began,
      ),
      until(async () => (await look(service.client, id)).status === 'cancelled').then(
        () => performance.now() - began,
      ),
      asked,
    ]);
    id = await start(n + 1);
    rounds.push({
      way,
      decodersGone,
      cancelled,
      nextWaited: await firstWait(service.temporal, id),
    });
  }
  await cancel(service.client, id);
  return rounds;
}

/** Segments are being decoded, for a while that is another one each time: heartbeats must not be in step with it. */
async function inTheMiddle({ client, mediaPid }: Service, id: string): Promise<void> {
  await until(async () => (await look(client, id)).progress?.stage === 'analysing');
  await sleep(Math.random() * 1_000);
  await until(async () => (await countChildren(mediaPid)) > 0);
}

async function look({ url, key }: Client, id: string): Promise<AnalysisResource> {
  const headers = { authorization: `Bearer ${key}` };
  const response = await fetch(`${url}/api/v1/inference/${id}`, { headers });
  return (await response.json()) as AnalysisResource;
}

/** Milliseconds that the first segment's extraction waited on its queue. */
async function firstWait(temporal: TemporalClient, id: string): Promise<number> {
  const run = temporal.workflow.getHandle(workflowIdOf(id, ''));
  let waited = NaN;
  await until(async () => {
    const { pendingActivities = [] } = (await run.describe()).raw;
    const extraction = (pendingActivities ?? []).find(
      ({ activityType, lastStartedTime }) =>
        activityType?.name === 'extractFaces' && lastStartedTime != null,
    );
    if (extraction === undefined) return false;
    waited = millisecondsOf(extraction.lastStartedTime) - millisecondsOf(extraction.scheduledTime);
    return true;
  });
  return waited;
}

type Timestamp = { readonly seconds?: unknown; readonly nanos?: number | null } | null | undefined;

const millisecondsOf = (time: Timestamp): number =>
  Number(time?.seconds ?? NaN) * 1000 + (time?.nanos ?? 0) / 1e6;

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + LIMIT_MS;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`expected it within ${LIMIT_MS / 1000} s`);
    await sleep(LOOK_EVERY_MS);
  }
}
