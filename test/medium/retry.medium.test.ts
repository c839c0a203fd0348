import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { AnalysisResource } from '../../apps/api/analyses/analysis-resource.js';
import type { ListedAnalysis } from '../../apps/api/analyses/listed-analysis.js';
import type { ProblemBody } from '../../apps/api/problems/problem-body.js';
import type { RunningPart } from '../../apps/standalone/supervisor/part.js';
import { workflowIdOf } from '../../workflows/contracts/progress.js';
import type { AnalysisResult } from '../../workflows/contracts/result.js';
import { TestApi } from '../support/api.js';
import {
  killProcess,
  OTHER_MODEL,
  startProcess,
  stopProcesses,
  TINY_MODEL,
} from '../support/processes.js';
import { temporalCli } from '../support/temporal-cli.js';
import { until } from '../support/until.js';
import { makeVideo } from '../support/videos.js';

const pictures = path.join(import.meta.dirname, '../fixtures/golden/pictures');
const PREFIX = 'retry-';
const ASYNC = { headers: { prefer: 'respond-async' } };
type Retried = AnalysisResource & { readonly retry_of?: string };
interface List {
  readonly items: readonly ListedAnalysis[];
  readonly next_page_token: string | null;
}
interface Bulk {
  readonly items: readonly Readonly<Record<string, string>>[];
  readonly next_page_token: string | null;
}

describe('a retry', () => {
  let folder: string;
  let video: string;
  let api: TestApi;
  let temporal: Client;
  let parts: RunningPart[];
  const deployment = () => ({
    temporalAddress: inject('temporalAddress'),
    dataDir: folder,
    taskQueuePrefix: PREFIX,
    models: `other=${OTHER_MODEL}`,
  });
  const startApi = (environment: Readonly<Record<string, string>> = {}) =>
    TestApi.start({
      TEMPORAL_ADDRESS: inject('temporalAddress'),
      TASK_QUEUE_PREFIX: PREFIX,
      DATA_DIR: folder,
      MODEL_PATH: TINY_MODEL,
      MODELS: `other=${OTHER_MODEL}`,
      ...environment,
    });
  const post = <T>(at: string, body?: unknown) =>
    api.ask<T>(`/api/v1/inference/${at}`, {
      method: 'POST',
      ...(body === undefined
        ? {}
        : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
  const retry = <T = Retried>(id: string, body?: unknown) => post<T>(`${id}/retry`, body);
  const list = (query: string) => api.ask<List>(`/api/v1/inference?${query}`);
  const succeeded = (id: string) =>
    until(`${id} to succeed`, async () => {
      const { body } = await api.analysis(id);
      if (body.status === 'failed') throw new Error(JSON.stringify(body.error));
      return body.status === 'succeeded' && body.result!;
    });
  const handleOf = (id: string) => temporal.workflow.getHandle(workflowIdOf(id, PREFIX));
  /** Names of the activities that a run has started, from an event on. */
  const activitiesOf = async (id: string, after = 0) => {
    const { events } = await handleOf(id).fetchHistory();
    return (events ?? [])
      .filter(({ eventId }) => Number(eventId) > after)
      .flatMap(
        ({ activityTaskScheduledEventAttributes: scheduled }) =>
          scheduled?.activityType?.name ?? [],
      );
  };
  const writtenAt = async (...names: string[]) =>
    (await stat(path.join(folder, 'blobs', ...names))).mtimeMs;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'retry-'));
    temporal = new Client({
      connection: await Connection.connect({ address: inject('temporalAddress') }),
    });
    parts = await Promise.all([
      startProcess('media', deployment()),
      startProcess('inference', deployment()),
      startProcess('inference', deployment(), 'other'),
    ]);
    api = await startApi();
    await until('a healthy service', async () => (await api.ask('/health')).status === 200);
    video = await makeVideo(folder, { seconds: 130, width: 320, height: 240 });
  });
  afterAll(async () => {
    await api.stop();
    await stopProcesses(parts);
    await temporal.connection.close();
    await rm(folder, { recursive: true });
  });

  it('of those that a query finds cures what has failed, and keeps what was finished', async () => {
    // The inference worker dies in the middle: the rest of the faces are extracted, and then the deadline comes.
    const hurried = await startApi({ ANALYSIS_DEADLINE_SECONDS: '15' });
    const { body } = await hurried.uploadFile<AnalysisResource>(video, ASYNC);
    const { id } = body;
    await until('the beginning', async () => {
      const { progress } = (await api.analysis(id)).body;
      return progress?.stage === 'analysing';
    });
    const [inference] = parts.splice(1, 1);
    await killProcess(inference!);
    await until('the failure', async () => (await api.analysis(id)).body.status === 'failed');
    await hurried.stop();
    const query = 'status=failed&code=deadline_exceeded';
    const [row] = await until('it in the list', async () => {
      const { items } = (await list(query)).body;
      return items.length > 0 && items;
    });
    expect(row).toMatchObject({
      id,
      status: 'failed',
      code: 'deadline_exceeded',
      media_type: 'VIDEO',
      verdict: null,
    });

    const without = await post<Bulk>(`retry?${query}`);
    expect(without.body.items).toMatchObject([
      { id, outcome: 'refused', code: 'model_unavailable' },
    ]);
    parts.splice(1, 0, await startProcess('inference', deployment()));
    await until('a healthy service', async () => (await api.ask('/health')).status === 200);
    const dry = await post<Bulk>(`retry?${query}&dryRun=true`);
    expect(dry.body).toMatchObject({ dry_run: true, items: [{ id, outcome: 'would_start' }] });
    expect((await api.analysis(id)).body.status).toBe('failed');

    const crops = path.join('crops', (await readdir(path.join(folder, 'blobs/crops')))[0]!);
    const finished = await readdir(path.join(folder, 'blobs', crops), { recursive: true });
    const samples = finished.filter((name) => name.endsWith('samples.json'));
    expect(samples.length).toBeGreaterThan(0);
    const before = await Promise.all(samples.map((name) => writtenAt(crops, name)));
    const started = await post<Bulk>(`retry?${query}`);
    expect(started.body.items).toEqual([{ id, outcome: 'started', analysis: id }]);
    await succeeded(id);
    expect(await Promise.all(samples.map((name) => writtenAt(crops, name)))).toEqual(before);
    // An analysis counts by its latest run.
    await until('it gone from the failed', async () => (await list(query)).body.items.length === 0);
    expect((await post<Bulk>(`retry?${query}`)).body.items).toEqual([]);
  });

  it('from the scoring has another model score the same faces, under an ID of its own', async () => {
    const { body: first } = await api.uploadFile<AnalysisResource>(video, ASYNC);
    const result = await succeeded(first.id);
    const other = await retry(first.id, { from: 'scoring', model: 'other' });
    expect(other.status).toBe(202);
    expect(other.body.retry_of).toBe(first.id);
    expect(other.headers.get('location')).toBe(`/api/v1/inference/${other.body.id}`);
    const second = await succeeded(other.body.id);
    expect(second.model.fingerprint).not.toBe(result.model.fingerprint);
    expect(second.model_version).toBe('other');
    expect(second.timeline.map(({ box }) => box)).toEqual(result.timeline.map(({ box }) => box));
    expect((await handleOf(other.body.id).describe()).memo).toMatchObject({ retryOf: first.id });
    expect((await api.analysis(first.id)).body.result).toEqual(result);
    const again = await retry(first.id, { from: 'scoring', model: 'other' });
    expect([again.status, again.body.status]).toEqual([200, 'succeeded']);

    const same = await retry<ProblemBody>(first.id, { from: 'scoring' });
    expect([same.status, same.body.code]).toEqual([409, 'analysis_finished']);
    const unknown = await retry<ProblemBody>(first.id, { from: 'scoring', model: 'third' });
    expect([unknown.status, unknown.body.code]).toEqual([400, 'unknown_model']);
  });

  it('from the aggregation gives a verdict by other thresholds on the stored scores', async () => {
    const picture = path.join(pictures, 'portrait-512.png');
    const { body: result } = await api.uploadFile<AnalysisResult>(picture);
    const risk = result.risk_score;
    const wish = { from: 'aggregation', thresholds: { fake: risk, real: 0 } };
    const { status, body } = await retry(result.id, wish);
    expect([status, body.retry_of]).toEqual([202, result.id]);
    const judged = await succeeded(body.id);
    expect(judged).toMatchObject({
      id: body.id,
      verdict: 'likely_fake',
      pipeline: { fake_threshold: risk, real_threshold: 0 },
    });
    expect(judged.timeline).toEqual(result.timeline);
    expect(await activitiesOf(body.id)).toEqual(['aggregateAgain']);
    expect((await api.analysis(result.id)).body.result).toEqual(result);
    const report = await api.ask<string>(`/api/v1/inference/${body.id}/report`);
    expect(report.body).toContain('data:image/jpeg;base64,');
    // A verdict on a verdict starts from the same scores.
    const third = await retry(body.id, { ...wish, thresholds: { fake: 100, real: 99 } });
    expect((await succeeded(third.body.id)).timeline).toEqual(result.timeline);
  });

  it('is one run, however many ask for it at the same time', async () => {
    const bytes = new Uint8Array(Buffer.from('no medium at all'));
    const { body: failed } = await api.upload<ProblemBody & { id: string }>(bytes);
    const { runId } = await handleOf(failed.id).describe();
    const [media] = parts.splice(0, 1);
    await stopProcesses(media ? [media] : []);
    const retries = await Promise.all(Array.from({ length: 20 }, () => retry(failed.id)));
    for (const { status, body } of retries) expect(status, JSON.stringify(body)).toBe(202);
    const run = await handleOf(failed.id).describe();
    expect(run.runId).not.toBe(runId);
    parts.unshift(await startProcess('media', deployment()));
    await until('its end', async () => (await api.analysis(failed.id)).body.status === 'failed');
    expect((await handleOf(failed.id).describe()).runId).toBe(run.runId);
  });

  it('is refused where there is nothing to be run again', async () => {
    const unknown = await retry<ProblemBody>(`${'0'.repeat(16)}-${'0'.repeat(16)}`);
    expect([unknown.status, unknown.body.code]).toEqual([404, 'analysis_not_found']);
    const bytes = new Uint8Array(Buffer.from('no medium either'));
    const { body: failed } = await api.upload<ProblemBody & { id: string }>(bytes);
    const wish = { from: 'aggregation', thresholds: { fake: 60, real: 40 } };
    const scoreless = await retry<ProblemBody>(failed.id, wish);
    expect([scoreless.status, scoreless.body.code]).toEqual([409, 'scores_missing']);
    await rm(path.join(folder, 'blobs/media'), { recursive: true });
    const gone = await retry<ProblemBody>(failed.id);
    expect([gone.status, gone.body.code]).toEqual([410, 'media_gone']);
    const everything = await post<ProblemBody>('retry');
    expect([everything.status, everything.body.code]).toEqual([400, 'invalid_request']);
  });

  it('of Temporal’s own, a reset, does again only what follows', async () => {
    const { body } = await api.uploadFile<AnalysisResource>(video, ASYNC);
    const result = await succeeded(body.id);
    const { events } = await handleOf(body.id).fetchHistory();
    const aggregation = events!.find(
      ({ activityTaskScheduledEventAttributes: scheduled }) =>
        scheduled?.activityType?.name === 'aggregate',
    )!;
    const point = Number(
      aggregation.activityTaskScheduledEventAttributes?.workflowTaskCompletedEventId,
    );
    await rm(path.join(folder, 'blobs/runs', body.id, 'result.json'));
    const { runId } = await handleOf(body.id).describe();
    await temporalCli(
      inject('temporalAddress'),
      ...['workflow', 'reset', '--workflow-id', workflowIdOf(body.id, PREFIX)],
      ...['--event-id', String(point), '--reason', 'test'],
    );
    await until('the new run', async () => (await handleOf(body.id).describe()).runId !== runId);
    await handleOf(body.id).result();
    expect(await activitiesOf(body.id, point)).toEqual(['aggregate']);
    const { timeline, verdict } = await succeeded(body.id);
    expect({ timeline, verdict }).toEqual({ timeline: result.timeline, verdict: result.verdict });
  });

  it('the list goes page by page and refuses what it does not know', async () => {
    const seen = new Set<string>();
    let token: string | null = '';
    while (token !== null) {
      const { body }: { body: List } = await list(
        `limit=2${token === '' ? '' : `&pageToken=${token}`}`,
      );
      for (const { id } of body.items) {
        expect(seen.has(id)).toBe(false);
        seen.add(id);
      }
      token = body.next_page_token;
    }
    expect(seen.size).toBeGreaterThanOrEqual(6);
    const videos = (await list('status=succeeded&mediaType=VIDEO')).body.items;
    expect(videos.length).toBe(2);
    for (const { risk_score, ended_at } of videos) {
      expect(risk_score).toBeGreaterThanOrEqual(0);
      expect(ended_at).toMatch(/Z$/);
    }
    for (const query of ['status=done', 'pageToken=AAAA', 'sort=up']) {
      const { status, body } = await api.ask<ProblemBody>(`/api/v1/inference?${query}`);
      expect([status, body.code], query).toEqual([400, 'invalid_request']);
    }
  });
});
