import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningPart } from '../../apps/standalone/supervisor/part.js';
import { FolderStore } from '../../libs/blobs/folder-store.js';
import { resultKey, samplesKey, scoresKey } from '../../workflows/contracts/blob-keys.js';
import type { AnalysisResult } from '../../workflows/contracts/result.js';
import { killProcess, startProcess, stopProcesses, type Deployment } from '../support/processes.js';
import { AnalysisStarter, analysisIdOfHandle } from '../support/start-analysis.js';
import { startTemporalServer, type TestServer } from '../support/temporal-server.js';
import { until } from '../support/until.js';
import { makeVideo } from '../support/videos.js';

/** Four segments: enough that some are finished and some are not when a worker dies. */
const VIDEO = { seconds: 240, width: 640, height: 360 };
const SEGMENTS = 4;

/** What the tiny model takes. */
const TINY_CROP = { size: 224, resample: 2 } as const;

describe('a worker killed in the middle of a video', () => {
  let folder: string;
  let server: TestServer;
  let deployment: Deployment;
  let blobs: FolderStore;
  let starter: AnalysisStarter;
  let video: string;
  let undisturbed: AnalysisResult;
  const parts: Partial<Record<'media' | 'inference', RunningPart>> = {};

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'recovery-'));
    server = await startTemporalServer(path.join(folder, 'temporal.db'));
    deployment = { temporalAddress: server.address, dataDir: folder, taskQueuePrefix: '' };
    blobs = await FolderStore.open(path.join(folder, 'blobs'));
    parts.media = await startProcess('media', deployment);
    parts.inference = await startProcess('inference', deployment);
    starter = await AnalysisStarter.connect(server.address, '', blobs);
    video = await makeVideo(folder, VIDEO);
    const analysis = await starter.startFile(video);
    await analysis.result();
    undisturbed = await resultOf(analysisIdOfHandle(analysis));
  });
  afterAll(async () => {
    await starter.close();
    await stopProcesses(Object.values(parts));
    await server.stop();
    await rm(folder, { recursive: true });
  });

  const resultOf = async (id: string) =>
    JSON.parse(Buffer.from((await blobs.get(resultKey(id)))!).toString()) as AnalysisResult;
  const writtenAt = async (key: string) =>
    stat(path.join(folder, 'blobs', key)).then(
      ({ mtimeMs }) => mtimeMs,
      () => null,
    );

  it.each(['media', 'inference'] as const)(
    '%s: the analysis finishes, finished segments are not redone',
    async (role) => {
      const analysis = await starter.startFile(video);
      const id = analysisIdOfHandle(analysis);
      const outputs = (segment: number) => [
        samplesKey({ analysisId: id, cropsId: id, crop: TINY_CROP }, segment),
        scoresKey(id, segment, starter.fingerprint),
      ];
      await until('the first segment to be finished', () => writtenAt(outputs(0)[1]!));

      await killProcess(parts[role]!);
      const finished = new Map<string, number>();
      for (let segment = 0; segment < SEGMENTS; segment += 1) {
        for (const key of outputs(segment)) {
          const time = await writtenAt(key);
          if (time !== null) finished.set(key, time);
        }
      }
      expect((await analysis.describe()).status.name).toBe('RUNNING');
      expect(finished.size).toBeGreaterThanOrEqual(2);
      expect(finished.size).toBeLessThan(2 * SEGMENTS);

      parts[role] = await startProcess(role, deployment);
      await analysis.result();
      for (const [key, time] of finished) expect(await writtenAt(key), key).toBe(time);
      const { timeline, risk_score, verdict, coverage } = await resultOf(id);
      expect({ timeline, risk_score, verdict, coverage }).toEqual({
        timeline: undisturbed.timeline,
        risk_score: undisturbed.risk_score,
        verdict: undisturbed.verdict,
        coverage: undisturbed.coverage,
      });
    },
  );
});
