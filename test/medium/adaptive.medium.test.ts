import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { RunningPart } from '../../apps/standalone/supervisor/part.js';
import { FolderStore } from '../../libs/blobs/folder-store.js';
import { resultKey } from '../../workflows/contracts/blob-keys.js';
import type { AnalysisRequest } from '../../workflows/contracts/request.js';
import type { AnalysisResult } from '../../workflows/contracts/result.js';
import { DEMO_MODEL, startProcess, stopProcesses } from '../support/processes.js';
import { AnalysisStarter, analysisIdOfHandle } from '../support/start-analysis.js';
import { ffmpeg } from './media-coded-video.js';

/** Its middle is edited, and the demo model sees it. */
const interview = fileURLToPath(new URL('../../demo/interview.mp4', import.meta.url));
const adaptive = { sampling: { policy: 'adaptive', fps: 5 } } as const;

describe('adaptive sampling', () => {
  let folder: string;
  let long: string;
  let blobs: FolderStore;
  let parts: RunningPart[];
  let starter: AnalysisStarter;
  let result: AnalysisResult;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'adaptive-'));
    // A minute of its beginning, then all of it: a rise towards the end of nothing much.
    long = path.join(folder, 'long.mp4');
    const quiet = path.join(folder, 'quiet.mp4');
    const fast = ['-an', '-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '18'];
    const [begin, whole] = ['begin.mp4', 'whole.mp4'].map((name) => path.join(folder, name));
    ffmpeg(['-t', '3', '-i', interview, ...fast, begin!]);
    ffmpeg(['-i', interview, ...fast, whole!]);
    ffmpeg(['-stream_loop', '19', '-i', begin!, '-c', 'copy', quiet]);
    const list = path.join(folder, 'list.txt');
    await writeFile(list, `file '${quiet}'\nfile '${whole}'\n`);
    ffmpeg(['-f', 'concat', '-safe', '0', '-i', list, '-c', 'copy', long]);
    blobs = await FolderStore.open(path.join(folder, 'blobs'));
    const deployment = {
      temporalAddress: inject('temporalAddress'),
      dataDir: folder,
      taskQueuePrefix: 'adaptive-',
      modelPath: DEMO_MODEL,
    };
    parts = await Promise.all([
      startProcess('media', deployment),
      startProcess('inference', deployment),
    ]);
    starter = await AnalysisStarter.connect(
      deployment.temporalAddress,
      deployment.taskQueuePrefix,
      blobs,
    );
    result = await analysed(long, adaptive);
  });
  afterAll(async () => {
    await starter.close();
    await stopProcesses(parts);
    await rm(folder, { recursive: true });
  });

  const analysed = async (file: string, changes: Partial<AnalysisRequest>) => {
    const analysis = await starter.startFile(file, changes);
    await analysis.result();
    const bytes = await blobs.get(resultKey(analysisIdOfHandle(analysis)));
    return JSON.parse(Buffer.from(bytes!).toString()) as AnalysisResult;
  };
  /** All but what differs from run to run. */
  const measured = ({ timeline, coverage, tracks, ...rest }: AnalysisResult) => ({
    ...{ timeline, coverage, tracks, risk: rest.risk_score, video: rest.video_score },
  });

  it('looks again, and more closely, where scores rise above the rest', () => {
    const { timeline, coverage } = result;
    const looks = coverage.closer_looks ?? [];
    expect(coverage).toMatchObject({ policy: 'adaptive', gaps: [], frames_unreadable: 0 });
    expect(coverage.analysed_seconds).toBeCloseTo(coverage.duration_seconds ?? NaN, 2);
    expect(looks.length).toBeGreaterThan(0);
    expect(timeline.map(({ t }) => t)).toEqual(
      timeline.map(({ t }) => t).toSorted((a, b) => a! - b!),
    );
    expect(new Set(timeline.map(({ frame }) => frame)).size).toBe(timeline.length);
    expect(coverage.frames_decoded).toBe(timeline.length);
    // Five a second in the looks, one a second elsewhere.
    const inside = (t: number | null) => looks.some(([from, to]) => t! >= from && t! <= to);
    const closer = looks.reduce((sum, [from, to]) => sum + to - from, 0);
    expect(timeline.filter(({ t }) => inside(t)).length / closer).toBeCloseTo(5, 0);
    const rest = coverage.duration_seconds! - closer;
    expect(timeline.filter(({ t }) => !inside(t)).length / rest).toBeCloseTo(1, 0);
    const [peak] = timeline.toSorted((a, b) => b.p - a.p);
    expect(inside(peak!.t)).toBe(true);
  });

  it('gives the same to the last digit again, over several runs', async () => {
    const limits = { segmentsPerRun: 1 };
    const again = await analysed(long, { ...adaptive, limits });
    expect(measured(again)).toEqual(measured(result));
  });

  it('does not make the part it looked at count for more', async () => {
    const plain = await analysed(long, {});
    expect(result.timeline.length).toBeGreaterThan(plain.timeline.length * 1.2);
    expect(Math.abs(result.mean_risk - plain.mean_risk)).toBeLessThan(3);
    const mean = result.timeline.reduce((sum, { p }) => sum + p, 0) / result.timeline.length;
    expect(100 * mean).toBeGreaterThan(result.mean_risk);
    expect(result.peak_risk).toBeGreaterThanOrEqual(plain.peak_risk);
  });

  it('leaves it at the first pass where nothing rises', async () => {
    const { coverage, timeline } = await analysed(path.join(folder, 'quiet.mp4'), adaptive);
    expect(coverage).toMatchObject({ policy: 'adaptive', closer_looks: [] });
    expect(timeline).toHaveLength(30);
  });
});
