import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import type { AnalysisResource } from '../../apps/api/analyses/analysis-resource.js';
import type { RunningPart } from '../../apps/standalone/supervisor/part.js';
import type { BlobStore } from '../../libs/blobs/blob-store.js';
import { workflowIdOf, type AnalysisProgress } from '../../workflows/contracts/progress.js';
import {
  cropsKey,
  mediaKey,
  mediumPrefixes,
  resultKey,
  runPrefix,
  samplesKey,
} from '../../workflows/contracts/blob-keys.js';
import type { AnalysisResult } from '../../workflows/contracts/result.js';
import { TestApi } from '../support/api.js';
import { EACH_DAMAGE, type Damage } from '../support/damage.js';
import { keysOf, STORES, type DamageableStore } from '../support/damageable-store.js';
import { startProcess, stopProcesses } from '../support/processes.js';
import { AnalysisStarter, analysisIdOfHandle } from '../support/start-analysis.js';
import { until } from '../support/until.js';
import { makeVideo } from '../support/videos.js';

const ASYNC = { headers: { prefer: 'respond-async' } };
const limits = (segmentsInFlight: number) => ({
  segmentsInFlight,
  segmentsPerRun: 150,
  maxFrames: 1000,
});
const portrait = path.join(import.meta.dirname, '../fixtures/golden/pictures/portrait-512.png');
/** What the tiny model takes. */
const CROP = { size: 224, resample: 2 } as const;
/** Of 10 samples each. */
const SEGMENTS = 3;
const SAMPLING = { policy: 'even', frames: 10 * SEGMENTS } as const;
const sampled = { ...ASYNC, before: { options: JSON.stringify({ sampling: SAMPLING }) } };

describe.each(Object.entries(STORES))('blobs in a %s, damaged while needed', (kind, open) => {
  const PREFIX = `damaged-blobs-${kind.replace(' ', '-')}-`;
  let folder: string;
  let store: DamageableStore;
  let blobs: BlobStore;
  let api: TestApi;
  let starter: AnalysisStarter;
  let video: string;
  let undisturbed: object;
  const parts = {} as Record<'media' | 'inference', RunningPart>;

  const exists = async (key: string) => (await blobs.size(key)) !== null;
  /** What is stopped neither ends nor goes on: so the moment in which something is damaged is known. */
  const pause = (role: 'media' | 'inference') => parts[role].process.kill('SIGSTOP');
  const resume = (role: 'media' | 'inference') => parts[role].process.kill('SIGCONT');
  const told = ({ timeline, coverage, verdict, risk_score }: AnalysisResult) => ({
    ...{ timeline, coverage, verdict, risk_score },
  });
  const resultOf = async (id: string) =>
    told(JSON.parse(Buffer.from((await blobs.get(resultKey(id)))!).toString()) as AnalysisResult);
  /** The same pictures under another hash: bytes after the end are no part of them. */
  const variantOf = async (file: string, n: number) => {
    const free = Buffer.from(`\0\0\0\x0cfree${String(n).padStart(4, '0')}`, 'latin1');
    return new Uint8Array(Buffer.concat([await readFile(file), free]));
  };
  const mediumOf = async (id: string) => (await keysOf(blobs, mediaKey(id.slice(0, 16))))[0]!;
  const scoresOf = async (id: string) =>
    (await keysOf(blobs, runPrefix(id))).filter((key) => key.includes('/scores-'));
  /**
   * Stops the scoring of a run that has begun; resolves with a segment whose faces wait for it. Stopped just after scores were
   * stored and before that was told, the run would begin no other segment: then it goes on for a moment.
   */
  const faceWaiting = async (id: string, itsCrops: () => Promise<string>): Promise<number> => {
    await until('a plan', async () => {
      const { memo } = await starter.client.workflow.getHandle(workflowIdOf(id, PREFIX)).describe();
      return ((memo?.progress as AnalysisProgress | undefined)?.segmentsTotal ?? null) !== null;
    });
    pause('inference');
    const cropsId = await itsCrops();
    let paused = Date.now();
    return until('faces that wait', async () => {
      for (let n = 0; n < SEGMENTS; n += 1) {
        if (!(await exists(samplesKey({ analysisId: id, cropsId, crop: CROP }, n)))) continue;
        const segment = String(n).padStart(4, '0');
        if (!(await scoresOf(id)).some((name) => name.includes(segment))) return [n];
      }
      if (Date.now() - paused > 5_000) {
        resume('inference');
        await new Promise((resolve) => setTimeout(resolve, 20));
        pause('inference');
        paused = Date.now();
      }
      return false;
    }).then(([n]) => n!);
  };
  const cropsIdOf = (id: string) =>
    until('crops', async () => {
      const [key] = await keysOf(blobs, mediumPrefixes(id).crops);
      return key?.split('/')[1] ?? null;
    });
  const ended = (id: string) =>
    until(`the end of ${id}`, async () => {
      const { body } = await api.analysis(id);
      return !['queued', 'running'].includes(body.status) && body;
    });

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'damaged-blobs-'));
    store = await open(folder);
    ({ blobs } = store);
    const deployment = {
      temporalAddress: inject('temporalAddress'),
      dataDir: folder,
      taskQueuePrefix: PREFIX,
      env: { LOG_LEVEL: 'fatal', ...store.env },
    };
    parts.media = await startProcess('media', deployment);
    parts.inference = await startProcess('inference', deployment);
    api = await TestApi.start({
      TEMPORAL_ADDRESS: deployment.temporalAddress,
      TASK_QUEUE_PREFIX: PREFIX,
      DATA_DIR: folder,
      SEGMENTS_IN_FLIGHT: '1',
      ...store.env,
    });
    await until('a healthy service', async () => (await api.ask('/health')).status === 200);
    starter = await AnalysisStarter.connect(deployment.temporalAddress, PREFIX, blobs);
    video = await makeVideo(folder, { seconds: 60 * SEGMENTS, width: 320, height: 180 });
    const first = await starter.startFile(video, { sampling: SAMPLING });
    await first.result();
    undisturbed = await resultOf(analysisIdOfHandle(first));
  });
  afterEach(() => {
    resume('media');
    resume('inference');
  });
  afterAll(async () => {
    await starter.close();
    await api.stop();
    await stopProcesses(Object.values(parts));
    await store.stop();
    await rm(folder, { recursive: true });
  });

  it.each(EACH_DAMAGE.map((damage, n) => [damage, n] as const))(
    'media %s before they are read: the run says so, and sending them again cures it',
    async (damage, n) => {
      const bytes = await variantOf(portrait, n);
      pause('media');
      const { body: accepted } = await api.upload<AnalysisResource>(bytes, ASYNC);
      await store.damage(await mediumOf(accepted.id), damage);
      resume('media');
      const failed = await ended(accepted.id);
      expect([failed.status, failed.error?.code, failed.error?.status]).toEqual([
        ...['failed', 'media_gone', 410],
      ]);
      expect(failed.error?.detail).toContain('Send the media again.');
      const again = await api.upload(bytes);
      expect([again.status, again.body.id]).toEqual([200, accepted.id]);
    },
  );

  it.each(EACH_DAMAGE.map((damage, n) => [damage, n] as const))(
    'media %s in the middle of a run: the same, and the result is the undisturbed one',
    async (damage, n) => {
      const bytes = await variantOf(video, n);
      const { body: accepted } = await api.upload<AnalysisResource>(bytes, sampled);
      await faceWaiting(accepted.id, () => cropsIdOf(accepted.id));
      await store.damage(await mediumOf(accepted.id), damage);
      resume('inference');
      const failed = await ended(accepted.id);
      expect([failed.status, failed.error?.code]).toEqual(['failed', 'media_gone']);
      const { status, body } = await api.upload<AnalysisResource>(bytes, sampled);
      expect([status, body.id]).toEqual([202, accepted.id]);
      const succeeded = await ended(accepted.id);
      expect(succeeded.status).toBe('succeeded');
      expect(told(succeeded.result!)).toEqual(undisturbed);
    },
  );

  it.each(EACH_DAMAGE)('crops %s before they are scored are made anew', async (damage) => {
    const run = await starter.startFile(video, { sampling: SAMPLING, limits: limits(1) });
    const id = analysisIdOfHandle(run);
    const waiting = await faceWaiting(id, () => Promise.resolve(id));
    const crops = { analysisId: id, cropsId: id, crop: CROP };
    await store.damage(cropsKey(crops, waiting), damage);
    resume('inference');
    await run.result();
    expect(await resultOf(id)).toEqual(undisturbed);
    expect(await countOf(run, 'extractFaces')).toBe(SEGMENTS + 1);
  });

  it('whatever is damaged before it is added up is made anew', async () => {
    const run = await starter.startFile(video, { sampling: SAMPLING, limits: limits(SEGMENTS) });
    const id = analysisIdOfHandle(run);
    await faceWaiting(id, () => Promise.resolve(id));
    const crops = { analysisId: id, cropsId: id, crop: CROP };
    // The server hands them out without the workflow from here on.
    await until('all faces', async () => {
      const { raw } = await run.describe();
      const waiting = raw.pendingActivities ?? [];
      return (
        waiting.filter(({ activityType }) => activityType?.name === 'scoreFaces').length ===
        SEGMENTS
      );
    });
    pause('media');
    resume('inference');
    const names = await until('all scores', async () => {
      const found = await scoresOf(id);
      return found.length === SEGMENTS && found;
    });
    const damage: Damage = 'flipped';
    await store.damage(samplesKey(crops, 0), damage);
    await store.damage(names[1]!, damage);
    for (let n = 1; n < SEGMENTS; n += 1) await store.damage(cropsKey(crops, n), damage);
    resume('media');
    await run.result();
    expect(await resultOf(id)).toEqual(undisturbed);
  });

  const countOf = async (run: Awaited<ReturnType<AnalysisStarter['start']>>, name: string) => {
    const { events } = await run.fetchHistory();
    return (events ?? []).filter(
      (event) => event.activityTaskScheduledEventAttributes?.activityType?.name === name,
    ).length;
  };
});
