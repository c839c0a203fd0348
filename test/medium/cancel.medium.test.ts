import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { AnalysisResource } from '../../apps/api/analyses/analysis-resource.js';
import type { ProblemBody } from '../../apps/api/problems/problem-body.js';
import type { RunningPart } from '../../apps/standalone/supervisor/part.js';
import { workflowIdOf } from '../../workflows/contracts/progress.js';
import type { AnalysisResult } from '../../workflows/contracts/result.js';
import { searchAttributes } from '../../workflows/contracts/search-attributes.js';
import { TestApi } from '../support/api.js';
import { childrenOf } from '../support/child-processes.js';
import { startProcess, stopProcesses } from '../support/processes.js';
import { until } from '../support/until.js';
import { makeVideo } from '../support/videos.js';

const PREFIX = 'cancel-';
const ASYNC = { headers: { prefer: 'respond-async' } };
/**
 * Workers hear of a cancel with their next heartbeat, half a second later at most: `npm run bench:cancel` holds it to one second.
 * A machine that is busy with other things may take some more; what waits for a throttled heartbeat or for a segment to end takes
 * longer than this.
 */
const MOST_MS = 3_000;

describe('an analysis that is cancelled', () => {
  let folder: string;
  let video: string;
  let api: TestApi;
  let parts: RunningPart[];
  let temporal: Client;
  const startApi = (environment: Readonly<Record<string, string>> = {}) =>
    TestApi.start({
      TEMPORAL_ADDRESS: inject('temporalAddress'),
      TASK_QUEUE_PREFIX: PREFIX,
      DATA_DIR: folder,
      ...environment,
    });
  const startWorker = (role: 'media' | 'inference') =>
    startProcess(role, {
      temporalAddress: inject('temporalAddress'),
      dataDir: folder,
      taskQueuePrefix: PREFIX,
      // One slot for long media: who comes next has to wait until it is free.
      env: { MEDIA_SLOTS: '3' },
    });
  const cancel = <T = AnalysisResource>(id: string) =>
    api.ask<T>(`/api/v1/inference/${id}/cancel`, { method: 'POST' });
  const describeRun = (id: string) =>
    temporal.workflow.getHandle(workflowIdOf(id, PREFIX)).describe();
  const decoders = () => childrenOf(parts[0]!.process.pid!, 'ffmpeg');
  /** Waits until a segment is scored and another one is being decoded. */
  const inTheMiddle = (id: string) =>
    until('a video half done', async () => {
      const { body } = await api.analysis(id);
      const scored = body.progress?.segments_scored ?? 0;
      return scored > 0 && (await decoders()).length > 0 && body;
    });
  const scoresOf = (id: string) =>
    readdir(path.join(folder, 'blobs/runs', id), { recursive: true }).then((names) =>
      names.filter((name) => name.includes('scores-')).sort(),
    );

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'cancel-'));
    const connection = await Connection.connect({ address: inject('temporalAddress') });
    temporal = new Client({ connection });
    parts = await Promise.all([startWorker('media'), startWorker('inference')]);
    api = await startApi();
    await until('a healthy service', async () => (await api.ask('/health')).status === 200);
    video = await makeVideo(folder, { seconds: 600, width: 1280, height: 720 });
  });
  afterAll(async () => {
    await api.stop();
    await stopProcesses(parts);
    await temporal.connection.close();
    await rm(folder, { recursive: true });
  });

  it('ends with its decoders, keeps finished segments and frees the workers', async () => {
    const { body: accepted } = await api.uploadFile<AnalysisResource>(video, ASYNC);
    const { id } = accepted;
    await inTheMiddle(id);

    const cancelled = await cancel(id);
    // No child process outlives the answer.
    expect(await decoders()).toEqual([]);
    expect([cancelled.status, cancelled.body.status]).toEqual([200, 'cancelled']);
    expect(cancelled.body.error).toMatchObject({ code: 'analysis_cancelled' });
    const kept = await scoresOf(id);
    expect(kept.length).toBeGreaterThan(0);
    const run = await describeRun(id);
    expect(run.status.name).toBe('CANCELLED');
    expect(run.typedSearchAttributes.get(searchAttributes.analysisStatus)).toBe('cancelled');
    expect(run.raw.pendingActivities).toEqual([]);

    const again = await cancel(id);
    expect([again.status, again.body]).toEqual([
      200,
      {
        ...cancelled.body,
        error: { ...cancelled.body.error, instance: again.body.error?.instance },
      },
    ]);

    // Asked for again it is a new run, which finds what is finished.
    const pictures = path.join(folder, 'blobs/runs', id);
    const before = await Promise.all(kept.map((name) => readFile(path.join(pictures, name))));
    const { body } = await api.uploadFile<AnalysisResource>(video, ASYNC);
    expect(body.id).toBe(id);
    await until('it to run again', async () => (await describeRun(id)).runId !== run.runId);
    await inTheMiddle(id);
    expect(await Promise.all(kept.map((name) => readFile(path.join(pictures, name))))).toEqual(
      before,
    );

    // From Temporal's UI it is the same.
    await temporal.workflow.getHandle(workflowIdOf(id, PREFIX)).cancel();
    await until('the end', async () => (await api.analysis(id)).body.status === 'cancelled');
    expect(await decoders()).toEqual([]);
  });

  it.each([
    ['by the API', (id: string) => cancel(id)],
    ['by Temporal', (id: string) => temporal.workflow.getHandle(workflowIdOf(id, PREFIX)).cancel()],
  ] as const)('ends within a moment and makes room for the next one, %s', async (way, ask) => {
    const send = async (name: string) => {
      const bytes = Buffer.concat([await readFile(video), freeBox(`${way} ${name}`)]);
      const { body } = await api.upload<AnalysisResource>(new Uint8Array(bytes), ASYNC);
      return body.id;
    };
    const id = await send('cancelled');
    await inTheMiddle(id);

    const began = Date.now();
    const asked = ask(id);
    const decodersGone = until('no decoder', async () => (await decoders()).length === 0).then(
      () => Date.now() - began,
    );
    await asked;
    expect(await decodersGone).toBeLessThan(MOST_MS);
    await until('the end', async () => (await api.analysis(id)).body.status === 'cancelled');
    const { events } = await temporal.workflow.getHandle(workflowIdOf(id, PREFIX)).fetchHistory();
    const timesOf = (what: keyof NonNullable<typeof events>[number]) =>
      (events ?? [])
        .filter((event) => event[what] != null)
        .map(({ eventTime }) => millisecondsOf(eventTime));
    const [requested = NaN] = timesOf('workflowExecutionCancelRequestedEventAttributes');
    const stopped = timesOf('activityTaskCanceledEventAttributes');
    expect(stopped.length).toBeGreaterThan(0);
    const [ended = NaN] = timesOf('workflowExecutionCanceledEventAttributes');
    for (const at of [...stopped, ended]) expect(at - requested).toBeLessThan(MOST_MS);

    const next = await send('next');
    const first = await until('its first segment', async () => {
      const pending = (await describeRun(next)).raw.pendingActivities ?? [];
      const extraction = pending.find(
        ({ activityType, lastStartedTime }) =>
          activityType?.name === 'extractFaces' && lastStartedTime != null,
      );
      return extraction ?? null;
    });
    const waited = millisecondsOf(first.lastStartedTime) - millisecondsOf(first.scheduledTime);
    expect(waited).toBeLessThan(MOST_MS);
    await cancel(next);
  });

  it('is refused once it has ended, and where there is none', async () => {
    const picture = path.join(import.meta.dirname, '../fixtures/golden/pictures/portrait-512.png');
    const { body: result } = await api.uploadFile<AnalysisResult>(picture);
    const late = await cancel<ProblemBody>(result.id);
    expect([late.status, late.body.code]).toEqual([409, 'analysis_finished']);
    const text = new Uint8Array(Buffer.from('no medium'));
    const { body: failed } = await api.upload<ProblemBody & { id: string }>(text);
    const failedLate = await cancel<ProblemBody>(failed.id);
    expect([failedLate.status, failedLate.body.analysis_status]).toEqual([409, 'failed']);
    for (const id of [`${'0'.repeat(16)}-${'0'.repeat(16)}`, 'nonsense']) {
      const unknown = await cancel<ProblemBody>(id);
      expect([unknown.status, unknown.body.code]).toEqual([404, 'analysis_not_found']);
    }
  });

  it('fails by itself at its deadline, saying what it waited for', async () => {
    const [, inference] = parts.splice(1, 1, await startWorker('inference'));
    if (inference) await stopProcesses([inference]);
    const hurried = await startApi({ ANALYSIS_DEADLINE_SECONDS: '2' });
    const slow = await makeVideo(folder, { seconds: 300, width: 1920, height: 1080 });
    const { body } = await hurried.uploadFile<ProblemBody & { id: string }>(slow, {
      headers: { prefer: 'wait=30' },
    });
    expect([body.status, body.code]).toEqual([504, 'deadline_exceeded']);
    expect(body.detail).toMatch(/within 2 s .* it waited for segment 1\/5, 00:00-01:00, /);
    expect(await decoders()).toEqual([]);
    const { memo, typedSearchAttributes } = await describeRun(body.id);
    expect(memo).toMatchObject({ failure: { code: 'deadline_exceeded' } });
    expect(typedSearchAttributes.get(searchAttributes.failureCode)).toBe('deadline_exceeded');
    await hurried.stop();
  });
});

/** A box that players skip: with it the video is another file. */
function freeBox(text: string): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32BE(8 + text.length);
  return Buffer.concat([size, Buffer.from('free'), Buffer.from(text)]);
}

type Timestamp = { readonly seconds?: unknown; readonly nanos?: number | null } | null | undefined;

const millisecondsOf = (time: Timestamp): number =>
  Number(time?.seconds ?? NaN) * 1000 + (time?.nanos ?? 0) / 1e6;
