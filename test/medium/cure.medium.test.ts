import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { AnalysisResource } from '../../apps/api/analyses/analysis-resource.js';
import type { ProblemBody } from '../../apps/api/problems/problem-body.js';
import type { RunningPart } from '../../apps/standalone/supervisor/part.js';
import {
  aggregationKey,
  mediaKey,
  mediumPrefixes,
  runPrefix,
} from '../../workflows/contracts/blob-keys.js';
import type { AnalysisResult } from '../../workflows/contracts/result.js';
import type { Verification } from '../../workflows/contracts/verification.js';
import { TestApi } from '../support/api.js';
import { keysOf, STORES, type DamageableStore } from '../support/damageable-store.js';
import { startProcess, stopProcesses, TINY_MODEL } from '../support/processes.js';
import { until } from '../support/until.js';
import { makeVideo } from '../support/videos.js';

type Retried = AnalysisResource & { readonly damaged?: string; readonly retry_of?: string };

describe.each(Object.entries(STORES))('evidence in a %s, damaged afterwards', (kind, open) => {
  const PREFIX = `cure-${kind.replace(' ', '-')}-`;
  let folder: string;
  let store: DamageableStore;
  let api: TestApi;
  let part: RunningPart;
  let result: AnalysisResult;
  let report: string;
  let video: string;

  const post = <T>(at: string, body: unknown = {}) =>
    api.ask<T>(`/api/v1/inference/${at}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const verify = <T = Verification>(id: string) => post<T>(`${id}/verify`, { inference: true });
  const retry = <T = Retried>(id: string, body?: unknown) => post<T>(`${id}/retry`, body);
  const reportOf = async (id: string) =>
    (await api.ask<string>(`/api/v1/inference/${id}/report`)).body;
  const ended = (id: string) =>
    until(`the end of ${id}`, async () => {
      const { body } = await api.analysis(id);
      return !['queued', 'running'].includes(body.status) && body;
    });
  /** The run goes on behind a result that is there all the time. */
  const cured = (id: string) =>
    until(`${id} to be verified again`, async () => {
      const { status, body } = await verify(id);
      return status === 200 && body;
    });
  const keyOf = async (prefix: string, pattern: RegExp) =>
    (await keysOf(store.blobs, prefix)).find((key) => pattern.test(key))!;
  const scores = () => keyOf(runPrefix(result.id), /0001\/scores-/);

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'cure-'));
    store = await open(folder);
    const temporalAddress = inject('temporalAddress');
    const env = { LOG_LEVEL: 'fatal', ...store.env };
    const deployment = { temporalAddress, dataDir: folder, taskQueuePrefix: PREFIX, env };
    part = await startProcess('all', deployment);
    api = await TestApi.start({
      TEMPORAL_ADDRESS: temporalAddress,
      TASK_QUEUE_PREFIX: PREFIX,
      DATA_DIR: folder,
      MODEL_PATH: TINY_MODEL,
      ...store.env,
    });
    await until('a healthy service', async () => (await api.ask('/health')).status === 200);
    video = await makeVideo(folder, { seconds: 65, width: 160, height: 120 });
    result = (await api.uploadFile<AnalysisResult>(video, { headers: { prefer: 'wait=60' } })).body;
    report = await reportOf(result.id);
  });
  afterAll(async () => {
    await api.stop();
    await stopProcesses([part]);
    await store.stop();
    await rm(folder, { recursive: true });
  });

  it('none of it: a retry is refused', async () => {
    const { status, body } = await retry<ProblemBody>(result.id);
    expect([status, body.code]).toEqual([409, 'analysis_finished']);
  });

  it.each([
    ['the faces', 'flipped', /^crops\/.*0000\/crops/, 'faces of segment 1'],
    ['which sample each face is', 'truncated', /^crops\/.*0001\/samples/, 'faces of segment 2'],
    ['the scores', 'deleted', /0001\/scores-/, 'scores of segment 2'],
    ['what was added up', 'flipped', /aggregation\.json$/, 'what the result was made from'],
  ] as const)(
    '%s: verifying names the way out, a retry makes them anew, and the result stays',
    async (_what, how, pattern, named) => {
      const prefix = pattern.source.startsWith('^crops')
        ? mediumPrefixes(result.id).crops
        : runPrefix(result.id);
      await store.damage(await keyOf(prefix, pattern), how);
      const { status, body } = await verify<ProblemBody>(result.id);
      expect([status, body.code]).toEqual([409, 'evidence_damaged']);
      expect(body.advice).toMatch(/Retry the analysis from the start/);

      const retried = await retry(result.id);
      expect([retried.status, retried.body.damaged]).toEqual([202, named]);
      expect(retried.body.result).toEqual(result);
      expect(await cured(result.id)).toMatchObject({
        verdict_logic: 'identical',
        inference: 'within_tolerance',
      });
      expect((await api.analysis(result.id)).body.result).toEqual(result);
      await refusedAsFinished(result.id);
    },
  );

  it('the pictures of faces: the report gets them back', async () => {
    await store.damage(await keyOf(runPrefix(result.id), /faces\/\d+\.jpg$/), 'truncated');
    expect(await reportOf(result.id)).not.toBe(report);
    const { body } = await retry(result.id);
    expect(body.damaged).toBe('the pictures of faces');
    await until('the report', async () => (await reportOf(result.id)) === report);
    await refusedAsFinished(result.id);
  });

  it.each(['flipped', 'truncated', 'deleted'] as const)(
    'the media too, %s: sent again they are stored anew, and a retry makes of them what else is damaged',
    async (how) => {
      const medium = mediaKey(result.media.sha256);
      await store.damage(medium, how);
      await store.damage(await keyOf(mediumPrefixes(result.id).crops, /0000\/crops/), 'deleted');
      expect(await store.blobs.get(medium)).toBeNull();
      const again = await api.uploadFile<AnalysisResult>(video);
      expect([again.status, again.body]).toEqual([200, result]);
      expect(await store.blobs.get(medium)).not.toBeNull();
      const retried = await retry(result.id);
      expect([retried.status, retried.body.damaged]).toEqual([202, 'faces of segment 1']);
      expect(await cured(result.id)).toMatchObject({ verdict_logic: 'identical' });
      await refusedAsFinished(result.id);
    },
  );

  it('of a verdict on the scores of another analysis: that one is retried first', async () => {
    const wish = (fake: number) => ({ from: 'aggregation', thresholds: { fake, real: 0 } });
    const first = (await retry(result.id, wish(90))).body.id;
    expect((await ended(first)).status).toBe('succeeded');
    await store.damage(await scores(), 'deleted');

    // One that is made meanwhile fails, and says what cures it.
    const second = (await retry(result.id, wish(80))).body.id;
    const { error } = await ended(second);
    expect(error).toMatchObject({ code: 'scores_missing', status: 409 });
    expect(error?.detail).toContain(`Retry the analysis ${result.id} from the start`);

    const unverified = await verify<ProblemBody>(first);
    expect([unverified.status, unverified.body.code]).toEqual([409, 'evidence_damaged']);
    const refused = await retry<ProblemBody>(first);
    expect(refused.body).toMatchObject({ code: 'scores_missing', status: 409, of: result.id });
    expect((await retry(result.id)).body.damaged).toBe('scores of segment 2');
    await cured(result.id);
    expect(await cured(first)).toMatchObject({ verdict_logic: 'identical' });
    await retry(second);
    expect((await ended(second)).result?.timeline).toEqual(result.timeline);
    expect((await keysOf(store.blobs, aggregationKey(second))).length).toBe(1);
  });

  /** Once the run that cures it has ended. */
  async function refusedAsFinished(id: string): Promise<void> {
    const { status, body } = await retry<ProblemBody>(id);
    expect([status, body.code]).toEqual([409, 'analysis_finished']);
  }
});
