import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { DeletedBody } from '../../apps/api/analyses/deletion.js';
import type { ProblemBody } from '../../apps/api/problems/problem-body.js';
import type { RunningPart } from '../../apps/standalone/supervisor/part.js';
import {
  AGGREGATE_AGAIN,
  ANALYZE_MEDIA,
  workflowIdOf,
} from '../../workflows/contracts/progress.js';
import { retentionScheduleId, type RetentionReport } from '../../workflows/contracts/retention.js';
import { searchAttributes } from '../../workflows/contracts/search-attributes.js';
import { TestApi } from '../support/api.js';
import { OTHER_MODEL, startProcess, stopProcesses, TINY_MODEL } from '../support/processes.js';
import { until } from '../support/until.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const pictures = path.join(root, 'test/fixtures/golden/pictures');
const [portrait, tall, landscape, small] = [
  'portrait-512.png',
  'tall-270x480.jpg',
  'landscape-640x360.jpg',
  'small-96x72.png',
].map((name) => path.join(pictures, name)) as [string, string, string, string];
const PREFIX = 'retention-';
const DAY_MS = 86_400_000;
const digitsOf = async (file: string) =>
  createHash('sha256')
    .update(await readFile(file))
    .digest('hex')
    .slice(0, 16);

describe('deleting', () => {
  let folder: string;
  let blobs: string;
  let environment: Record<string, string>;
  let parts: RunningPart[];
  let api: TestApi;
  let temporal: Client;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'retention-'));
    blobs = path.join(folder, 'blobs');
    const temporalAddress = inject('temporalAddress');
    environment = { RETENTION_DAYS: '30', MODELS: `other=${OTHER_MODEL}`, MODEL_PATH: TINY_MODEL };
    environment = {
      ...environment,
      TEMPORAL_ADDRESS: temporalAddress,
      TASK_QUEUE_PREFIX: PREFIX,
      DATA_DIR: folder,
      MEDIA_ROOTS: pictures,
    };
    const deployment = { temporalAddress, dataDir: folder, taskQueuePrefix: PREFIX };
    parts = [
      await startProcess('all', { ...deployment, models: environment.MODELS, env: environment }),
    ];
    temporal = new Client({ connection: await Connection.connect({ address: temporalAddress }) });
    api = await TestApi.start(environment);
    await until('a healthy service', async () => (await api.ask('/health')).status === 200);
  });
  afterAll(async () => {
    await api.stop();
    await stopProcesses(parts);
    await temporal.schedule.getHandle(retentionScheduleId(PREFIX)).delete();
    await temporal.connection.close();
    await rm(folder, { recursive: true });
  });

  const stored = async () =>
    (await readdir(blobs, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => path.relative(blobs, path.join(parentPath, name)));
  const storedOf = async (digits: string) =>
    (await stored()).filter((name) => new RegExp(`^(media|crops|runs)/${digits}`).test(name));
  const age = async (
    digits: string,
    days: number,
    isMeant: (name: string) => boolean = () => true,
  ) => {
    const then = new Date(Date.now() - days * DAY_MS);
    const names = (await storedOf(digits)).filter(isMeant);
    for (const name of names) await utimes(path.join(blobs, name), then, then);
  };
  /** `npm run retention` without the set-up. */
  const byHand = async (...args: string[]) => {
    const file = path.join(root, 'dist/apps/worker/retention.js');
    const env = { ...process.env, ...environment };
    const { stdout } = await promisify(execFile)(process.execPath, [file, ...args], { env });
    return stdout;
  };
  const remove = (id: string) =>
    api.ask<DeletedBody & ProblemBody>(`/api/v1/inference/${id}`, { method: 'DELETE' });
  /** A run that waits for a worker. */
  const startWaiting = (analysisId: string, sha256: string, type: string = ANALYZE_MEDIA) =>
    temporal.workflow.start(type, {
      taskQueue: 'nobody-polls-this',
      workflowId: workflowIdOf(analysisId, PREFIX),
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      args: [],
      typedSearchAttributes: [{ key: searchAttributes.mediaSha256, value: sha256 }],
    });

  /** Temporal's list is a moment late. */
  const isListed = (workflowId: string) =>
    until('the run in the list', async () => {
      const query = `WorkflowId="${workflowId}" AND ExecutionStatus="Running"`;
      for await (const found of temporal.workflow.list({ query }))
        return found.workflowId === workflowId;
      return false;
    });

  describe('by age', () => {
    it('tells first, then deletes what is old and no analysis needs, and nothing else', async () => {
      const [old, needed, young, framed] = await Promise.all(
        [portrait, tall, landscape, small].map(digitsOf),
      );
      const results = [];
      for (const file of [portrait, tall, landscape])
        results.push((await api.uploadFile(file, { headers: { prefer: 'wait=60' } })).body);
      const frames = await api.postJson({ mediaType: 'IMAGE', extractedFrames: [small] });
      await Promise.all([age(old!, 31), age(needed!, 31), age(young!, 29), age(framed!, 31)]);
      await age(frames.body.id.slice(0, 16), 31);
      const leftover = path.join(blobs, '.incoming', 'leftover');
      await writeFile(leftover, 'half');
      await utimes(leftover, new Date(0), new Date(0));
      const run = await startWaiting(results[1]!.id, results[1]!.media.sha256);
      await isListed(run.workflowId);

      const before = await stored();
      const told = await byHand();
      expect(told).toContain(`runs/${results[0]!.id}`);
      expect(told).toMatch(/runs: 2 would be deleted .* 1 kept as an analysis runs/);
      expect(told).toMatch(/crops: 2 would be deleted/);
      expect(told).toMatch(/media: 2 would be deleted .* 1 kept as an analysis runs/);
      expect(told).toContain('leftovers of dead writers: 1 would be deleted (4 bytes)');
      expect(told).not.toContain(young);
      expect(await stored()).toEqual(before);

      expect(await byHand('--delete')).toMatch(/runs: 2 deleted/);
      expect(await storedOf(old!)).toEqual([]);
      expect(await storedOf(framed!)).toEqual([]);
      expect((await storedOf(needed!)).length).toBeGreaterThan(3);
      expect((await storedOf(young!)).length).toBeGreaterThan(3);
      expect(await readdir(path.join(blobs, '.incoming'))).toEqual([]);
      expect(await byHand('--delete')).toMatch(/runs: 0 deleted/);
      // What is sent again is made again.
      expect((await api.uploadFile(portrait)).body.verdict).toBe(results[0]!.verdict);
      await run.terminate();
    });

    it('keeps what a new verdict on the scores needs, while it is made and while it is young', async () => {
      const digits = await digitsOf(tall);
      const { body: base } = await api.uploadFile(tall, { headers: { prefer: 'wait=60' } });
      await age(digits, 31);
      const id = `${digits}-0123456789abcdef`;
      const run = await startWaiting(id, base.media.sha256, AGGREGATE_AGAIN);
      await isListed(run.workflowId);
      expect(await byHand('--delete')).toMatch(/runs: 0 deleted .* 1 kept as an analysis runs/);
      await run.terminate();

      const thresholds = { fake: 90, real: 0 };
      const { body: again } = await api.ask<{ readonly id: string }>(
        `/api/v1/inference/${base.id}/retry`,
        {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ from: 'aggregation', thresholds }),
        },
      );
      await until('the verdict', async () => {
        const { body } = await api.analysis(again.id);
        return body.status === 'succeeded';
      });
      await age(digits, 31, (name) => !name.includes(again.id));
      expect(await byHand('--delete')).toMatch(/media: 1 deleted/);
      const headers = { 'content-type': 'application/json' };
      const body = JSON.stringify({ inference: true });
      const verified = await api.ask(`/api/v1/inference/${again.id}/verify`, {
        ...{ method: 'POST', headers, body },
      });
      expect(verified.body).toMatchObject({
        verdict_logic: 'identical',
        inference: 'within_tolerance',
      });
      await age(digits, 31);
      await byHand('--delete');
      expect(await storedOf(digits)).toEqual([]);
    });

    it('is a schedule that follows the configuration and shows what it did', async () => {
      const handle = temporal.schedule.getHandle(retentionScheduleId(PREFIX));
      const { action, spec } = await until('the schedule', () =>
        handle.describe().catch(() => null),
      );
      expect(spec.calendars).toHaveLength(1);
      expect(action.args).toMatchObject([{ olderThanSeconds: 30 * 86_400, dryRun: false }]);
      await handle.trigger();
      const report = await until('the report in the memo', async () => {
        for (const { action } of (await handle.describe()).info.recentActions) {
          const run = temporal.workflow.getHandle(action.workflow.workflowId);
          const { memo, status } = await run.describe();
          if (status.name === 'COMPLETED') return memo?.retention as RetentionReport;
        }
        return null;
      });
      expect(report).toMatchObject({ dryRun: false, areas: { runs: { inUse: 0 } } });

      // A worker that starts with another age changes it; a pause stays.
      await handle.pause('by a test');
      await stopProcesses(parts.splice(0));
      const changed = { ...environment, RETENTION_DAYS: '', LEFTOVER_HOURS: '48' };
      const deployment = {
        temporalAddress: inject('temporalAddress'),
        dataDir: folder,
        taskQueuePrefix: PREFIX,
        models: environment.MODELS,
      };
      parts.push(await startProcess('all', { ...deployment, env: changed }));
      const now = await until('the changed schedule', async () => {
        const described = await handle.describe();
        const [input] = described.action.args as [{ leftoversOlderThanSeconds: number }];
        return input.leftoversOlderThanSeconds === 172_800 && described;
      });
      expect(now.action.args).toMatchObject([{ olderThanSeconds: null }]);
      expect(now.state.paused).toBe(true);
      await until('a healthy service', async () => (await api.ask('/health')).status === 200);
    });
  });

  describe('by request', () => {
    it('deletes an analysis with its media, crops, result and listing, and says so', async () => {
      const { body } = await api.uploadFile(landscape, { headers: { prefer: 'wait=60' } });
      const digits = await digitsOf(landscape);
      const count = (await storedOf(digits)).filter((name) => !/\/\.[^/]*$/.test(name)).length;
      const { status, body: deleted } = await remove(body.id);
      expect(status).toBe(200);
      expect(deleted).toMatchObject({
        id: body.id,
        deleted: { result: true, media: 1, crops: 2, blobs: count, runs: 1 },
        media_kept: false,
      });
      expect(await storedOf(digits)).toEqual([]);
      // At once, however long Temporal takes to forget the run.
      for (const answer of [
        await api.ask<ProblemBody>(`/api/v1/inference/${body.id}`),
        await remove(body.id),
      ])
        expect([answer.status, answer.body.code]).toEqual([404, 'analysis_not_found']);
      // The same media again is a new analysis.
      const again = await api.uploadFile(landscape, { headers: { prefer: 'wait=60' } });
      expect([again.status, again.body.id]).toEqual([200, body.id]);
      expect((await api.analysis(body.id)).body.status).toBe('succeeded');
    });

    it('keeps what another analysis of the same media has too, until that one goes', async () => {
      const digits = await digitsOf(tall);
      const wait = { prefer: 'wait=60' };
      const first = await api.uploadFile(tall, { headers: wait });
      const before = { options: JSON.stringify({ model: 'other' }) };
      const second = await api.uploadFile(tall, { before, headers: wait });
      expect(second.body.id).not.toBe(first.body.id);
      expect((await remove(first.body.id)).body).toMatchObject({
        deleted: { result: true, media: 0, crops: 0 },
        media_kept: true,
      });
      const kept = await storedOf(digits);
      expect(kept.filter((name) => /^(media|crops)\//.test(name)).length).toBeGreaterThan(2);
      expect((await api.analysis(second.body.id)).body.status).toBe('succeeded');
      expect((await remove(second.body.id)).body).toMatchObject({
        deleted: { media: 1, crops: 2 },
        media_kept: false,
      });
      expect(await storedOf(digits)).toEqual([]);
    });

    it('deletes frames, but not those that are media of another analysis', async () => {
      const wait = { prefer: 'wait=60' };
      const upload = await api.uploadFile(portrait, { headers: wait });
      const frames = { mediaType: 'VIDEO', extractedFrames: [portrait, small] };
      const { body } = await api.postJson(frames, wait);
      expect((await remove(body.id)).body).toMatchObject({
        deleted: { result: true, media: 1, crops: 2 },
        media_kept: false,
      });
      expect(await storedOf(await digitsOf(small))).toEqual([]);
      expect((await api.analysis(upload.body.id)).body.status).toBe('succeeded');
      expect((await storedOf(await digitsOf(portrait))).length).toBeGreaterThan(3);
    });

    it('refuses one that runs, and one that is not known', async () => {
      const id = `${'ab'.repeat(8)}-0123456789abcdef`;
      const run = await startWaiting(id, 'ab'.repeat(32));
      const refused = await remove(id);
      expect([refused.status, refused.body.code]).toEqual([409, 'analysis_running']);
      await run.terminate();
      expect((await remove(id)).body).toMatchObject({ deleted: { result: false, runs: 1 } });
      for (const unknown of [id, 'nope']) {
        const { status, body } = await remove(unknown);
        expect([status, body.code]).toEqual([404, 'analysis_not_found']);
      }
    });
  });
});
