import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningPart } from '../../apps/standalone/supervisor/part.js';
import { FolderStore } from '../../libs/blobs/folder-store.js';
import { resultKey } from '../../workflows/contracts/blob-keys.js';
import type { AnalysisProgress } from '../../workflows/contracts/progress.js';
import type { AnalysisResult } from '../../workflows/contracts/result.js';
import { TestApi } from '../support/api.js';
import { makeBuild } from '../support/other-build.js';
import { startProcess, stopProcesses, type Deployment } from '../support/processes.js';
import { AnalysisStarter, analysisIdOfHandle } from '../support/start-analysis.js';
import { temporalCli } from '../support/temporal-cli.js';
import { startTemporalServer, type TestServer } from '../support/temporal-server.js';
import { until } from '../support/until.js';
import { makeVideo } from '../support/videos.js';

/** Six segments of ten samples each, one after the other. */
const VIDEO = { seconds: 360, width: 320, height: 180 };
const LIMITS = { segmentsInFlight: 1, segmentsPerRun: 150, maxFrames: 1000 };
const SAMPLING = { policy: 'even', frames: 60 } as const;
const NON_DETERMINISTIC_ERROR = 24;

/** What the next release does more: a step at the begin, and one before the end. */
const begin = 'const steps = new SegmentSteps(';
const end = 'const summary = await overAll(';
const GUARDED = [
  { before: begin, insert: "if (patchedHere('next-begin')) await sleepHere(1);\n" },
  { before: end, insert: "if (patchedHere('next-end')) await sleepHere(1);\n" },
];
const UNGUARDED = [{ before: begin, insert: 'await sleepHere(1);\n' }];

type Run = Awaited<ReturnType<AnalysisStarter['start']>>;
type Role = 'media' | 'inference';

describe('another release of the workers', () => {
  let folder: string;
  let server: TestServer;
  let blobs: FolderStore;
  let video: string;
  let undisturbed: object;
  let next: string;
  let unguarded: string;
  let media: RunningPart;
  let inference: RunningPart;
  let starter: AnalysisStarter;
  const running = new Set<RunningPart>();
  const starters: AnalysisStarter[] = [];

  const start = async (role: Role, { env, ...others }: Partial<Deployment> = {}) => {
    const deployment = { temporalAddress: server.address, dataDir: folder, taskQueuePrefix: '' };
    const common = { SHUTDOWN_GRACE_SECONDS: '4', LOG_LEVEL: 'fatal' };
    const part = await startProcess(role, { ...deployment, ...others, env: { ...common, ...env } });
    running.add(part);
    return part;
  };
  /** As whoever rolls workers out does it. */
  const terminate = async (part: RunningPart) => {
    part.process.kill('SIGTERM');
    expect(await part.ended).toEqual({ code: 0, signal: null });
    running.delete(part);
  };
  /** The new one first, so that there is always one. */
  const replace = async (old: RunningPart, role: Role, build?: string) => {
    const part = await start(role, build === undefined ? {} : { build });
    await terminate(old);
    return part;
  };
  const connect = async (prefix = '') => {
    const starter = await AnalysisStarter.connect(server.address, prefix, blobs);
    starters.push(starter);
    return starter;
  };
  const startRun = (starter: AnalysisStarter) =>
    starter.startFile(video, { limits: LIMITS, sampling: SAMPLING });
  const resultOf = async (run: Run) => {
    await run.result();
    const stored = await blobs.get(resultKey(analysisIdOfHandle(run)));
    const result = JSON.parse(Buffer.from(stored!).toString()) as AnalysisResult;
    const { timeline, coverage, tracks, verdict, reasons, risk_score } = result;
    return { timeline, coverage, tracks, verdict, reasons, risk_score };
  };
  /** Starts runs, and stops the scoring of them when each is done in part: they wait for whoever comes. */
  const startHalf = async (starter: AnalysisStarter, scoring: RunningPart, count = 1) => {
    const runs = await Promise.all(Array.from({ length: count }, () => startRun(starter)));
    for (const run of runs)
      await until('a run under way', async () => {
        const { memo } = await run.describe();
        return ((memo?.progress as AnalysisProgress | undefined)?.segmentsScored ?? 0) > 0;
      });
    scoring.process.kill('SIGSTOP');
    for (const run of runs) expect((await run.describe()).status.name).toBe('RUNNING');
    return runs;
  };
  const goOn = (scoring: RunningPart) => scoring.process.kill('SIGCONT');
  const eventsOf = async (run: Run) => (await run.fetchHistory()).events ?? [];
  const patchesOf = async (run: Run) =>
    (await eventsOf(run)).flatMap(({ markerRecordedEventAttributes: marker }) => {
      const data = marker?.details?.['patch-data']?.payloads?.[0]?.data;
      return data ? [(JSON.parse(Buffer.from(data).toString()) as { id: string }).id] : [];
    });
  const isRefused = async (run: Run) =>
    (await eventsOf(run)).some(
      ({ workflowTaskFailedEventAttributes: failed }) =>
        Number(failed?.cause) === NON_DETERMINISTIC_ERROR,
    );

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'upgrade-'));
    server = await startTemporalServer(path.join(folder, 'temporal.db'));
    blobs = await FolderStore.open(path.join(folder, 'blobs'));
    video = await makeVideo(folder, VIDEO);
    await Promise.all(['next', 'unguarded'].map((name) => mkdir(path.join(folder, name))));
    next = await makeBuild(path.join(folder, 'next'), GUARDED);
    unguarded = await makeBuild(path.join(folder, 'unguarded'), UNGUARDED);
  });
  afterAll(async () => {
    await Promise.all(starters.map((starter) => starter.close()));
    for (const part of running) goOn(part);
    await stopProcesses([...running]);
    await server.stop();
    await rm(folder, { recursive: true });
  });

  it('takes the runs under way over, and none is lost or differs', async () => {
    media = await start('media');
    inference = await start('inference');
    starter = await connect();
    undisturbed = await resultOf(await startRun(starter));
    const runs = await startHalf(starter, inference, 3);
    media = await replace(media, 'media', next);
    goOn(inference);
    inference = await replace(inference, 'inference', next);
    for (const run of runs) {
      expect(await resultOf(run)).toEqual(undisturbed);
      // What they had done they did the old way, the rest the new way.
      expect(await patchesOf(run)).toEqual(['next-end']);
      expect(await isRefused(run)).toBe(false);
    }
  });

  it('gives them back where they have not come upon a change; the others wait for it', async () => {
    media = await replace(media, 'media');
    const [early] = await startHalf(starter, inference);
    media = await replace(media, 'media', next);
    goOn(inference);
    const [late] = await startHalf(starter, inference);
    media = await replace(media, 'media');
    goOn(inference);
    await until('a run that waits', () => isRefused(late!));
    expect((await late!.describe()).status.name).toBe('RUNNING');
    media = await replace(media, 'media', next);
    expect(await resultOf(late!)).toEqual(undisturbed);
    expect(await patchesOf(late!)).toEqual(['next-begin', 'next-end']);
    expect(await resultOf(early!)).toEqual(undisturbed);
  });

  it('is refused where the change is not guarded, and undone by going back', async () => {
    media = await replace(media, 'media');
    const [run] = await startHalf(starter, inference);
    media = await replace(media, 'media', unguarded);
    goOn(inference);
    await until('a run that is refused', () => isRefused(run!));
    media = await replace(media, 'media');
    expect(await resultOf(run!)).toEqual(undisturbed);
  });

  describe('with Worker Versioning', () => {
    const NAME = 'analysis';
    const makeCurrent = (name: string, buildId: string) =>
      until('a version to be known', () =>
        temporalCli(
          server.address,
          ...['worker', 'deployment', 'set-current-version', '--yes'],
          ...['--deployment-name', name, '--build-id', buildId],
        ).catch(() => null),
      );
    const startBuild = async (
      prefix: string,
      buildId: string,
      behavior: string,
      build?: string,
    ) => {
      const env = {
        WORKER_DEPLOYMENT_NAME: `${prefix}${NAME}`,
        WORKER_BUILD_ID: buildId,
        WORKER_VERSIONING: behavior,
      };
      const others = { taskQueuePrefix: prefix, env, ...(build === undefined ? {} : { build }) };
      return Promise.all([start('media', others), start('inference', others)] as const);
    };
    const buildOf = async (run: Run) => {
      const { raw } = await run.describe();
      const info = raw.workflowExecutionInfo?.versioningInfo;
      return info?.deploymentVersion?.buildId;
    };

    it('pinned runs end with the build that they began with, whatever the next one does', async () => {
      const prefix = 'pinned-';
      const old = await startBuild(prefix, '1', 'pinned');
      const api = await TestApi.start({
        TEMPORAL_ADDRESS: server.address,
        TASK_QUEUE_PREFIX: prefix,
        DATA_DIR: folder,
      });
      const health = async () => {
        const { status, body } = await api.ask<{ readonly reason: string | null }>('/health');
        const ready = await api.ask<{ readonly reason?: string }>('/health/ready');
        return [status, body.reason, ready.status, ready.body.reason];
      };
      const withheld = [503, 'no_current_build', 503, 'no_current_build'];
      await until('a reason', async () => (await health())[1] === 'no_current_build');
      expect(await health()).toEqual(withheld);
      await makeCurrent(`${prefix}${NAME}`, '1');
      await until('health', async () => (await health())[0] === 200);
      expect(await health()).toEqual([200, null, 200, undefined]);
      await api.stop();
      const starter = await connect(prefix);
      const [first] = await startHalf(starter, old[1]);
      const fresh = await startBuild(prefix, '2', 'pinned', unguarded);
      await makeCurrent(`${prefix}${NAME}`, '2');
      const second = await startRun(starter);
      goOn(old[1]);
      expect(await resultOf(first!)).toEqual(undisturbed);
      expect(await buildOf(first!)).toBe('1');
      for (const part of old) await terminate(part);
      expect(await resultOf(second)).toEqual(undisturbed);
      expect(await buildOf(second)).toBe('2');
      expect([await isRefused(first!), await isRefused(second)]).toEqual([false, false]);
      for (const part of fresh) await terminate(part);
    });

    it('runs that upgrade by themselves go on with the build that is current', async () => {
      const prefix = 'auto-';
      const old = await startBuild(prefix, '1', 'auto-upgrade');
      await makeCurrent(`${prefix}${NAME}`, '1');
      const [run] = await startHalf(await connect(prefix), old[1]);
      const fresh = await startBuild(prefix, '2', 'auto-upgrade', next);
      await makeCurrent(`${prefix}${NAME}`, '2');
      goOn(old[1]);
      for (const part of old) await terminate(part);
      expect(await resultOf(run!)).toEqual(undisturbed);
      expect(await buildOf(run!)).toBe('2');
      expect(await patchesOf(run!)).toEqual(['next-end']);
      for (const part of fresh) await terminate(part);
    });
  });
});
