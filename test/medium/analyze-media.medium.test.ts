import { createReadStream } from 'node:fs';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { RunningPart } from '../../apps/standalone/supervisor/part.js';
import { FolderStore } from '../../libs/blobs/folder-store.js';
import { cropsKey, mediaKey, resultKey } from '../../workflows/contracts/blob-keys.js';
import type { AnalysisResult } from '../../workflows/contracts/result.js';
import type { Sampling } from '../../workflows/contracts/sampling.js';
import { startProcess, stopProcesses } from '../support/processes.js';
import { AnalysisStarter, analysisIdOfHandle } from '../support/start-analysis.js';
import { makeVideo } from '../support/videos.js';
import { ffmpeg } from './media-coded-video.js';

const pictures = fileURLToPath(new URL('../fixtures/golden/pictures/', import.meta.url));

describe('analyzeMedia with real workers', () => {
  let folder: string;
  let blobs: FolderStore;
  let parts: RunningPart[];
  let starter: AnalysisStarter;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'analyze-media-'));
    blobs = await FolderStore.open(path.join(folder, 'blobs'));
    const deployment = {
      temporalAddress: inject('temporalAddress'),
      dataDir: folder,
      taskQueuePrefix: 'analyze-media-',
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
  });
  afterAll(async () => {
    await starter.close();
    await stopProcesses(parts);
    await rm(folder, { recursive: true });
  });

  const resultOf = async (id: string) =>
    JSON.parse(Buffer.from((await blobs.get(resultKey(id)))!).toString()) as AnalysisResult;
  const failureOf = async (file: string) => {
    const analysis = await starter.startFile(file);
    const error: unknown = await analysis.result().catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(WorkflowFailedError);
    const { cause } = error as WorkflowFailedError;
    expect(cause).toBeInstanceOf(ApplicationFailure);
    return cause as ApplicationFailure;
  };

  it('scores a photo: the face found, the golden rules applied', async () => {
    const analysis = await starter.startFile(path.join(pictures, 'portrait-512.png'));
    const summary = await analysis.result();
    const result = await resultOf(analysisIdOfHandle(analysis));
    expect(result.timeline).toHaveLength(1);
    expect(result.timeline[0]).toMatchObject({ frame: 0, t: null, track: 0 });
    expect(result.risk_score).toBe(summary.scores.risk_score);
    expect(result.coverage).toMatchObject({
      policy: 'still',
      frames_decoded: 1,
      frames_without_face: 0,
    });
    expect(result.media).toMatchObject({
      media_type: 'IMAGE',
      codec: 'png',
      width: 512,
      height: 512,
    });
    expect(result.model.fingerprint).toBe(starter.fingerprint);
  });

  it('says when there was no face, and never calls that real', async () => {
    const analysis = await starter.startFile(path.join(pictures, 'texture-333x217.png'));
    await analysis.result();
    const result = await resultOf(analysisIdOfHandle(analysis));
    expect(result.flags).toContain('whole_image_scored');
    expect(result.timeline[0]?.box).toBeNull();
    expect(result.verdict).not.toBe('likely_real');
    expect(result.reasons).toContain('no_face_found');
  });

  it('covers a short video evenly from begin to end', async () => {
    const analysis = await starter.startFile(
      await makeVideo(folder, { seconds: 12, width: 480, height: 360 }),
    );
    await analysis.result();
    const { timeline, coverage } = await resultOf(analysisIdOfHandle(analysis));
    expect(coverage).toMatchObject({
      policy: 'even',
      duration_seconds: 12,
      analysed_seconds: 12,
      frames_decoded: 30,
      gaps: [],
    });
    timeline.forEach(({ frame, t }, i) => {
      expect(frame).toBe(i);
      expect(Math.abs((t ?? NaN) - (i + 0.5) * 0.4)).toBeLessThanOrEqual(0.02 + 1e-3);
    });
  });

  it('cuts a longer video into minutes, one sample a second, and tells how far it is', async () => {
    const analysis = await starter.startFile(
      await makeVideo(folder, { seconds: 130, width: 320, height: 240 }),
    );
    await analysis.result();
    const { timeline, coverage } = await resultOf(analysisIdOfHandle(analysis));
    expect(coverage).toMatchObject({
      policy: 'fps',
      frames_sampled: 130,
      frames_decoded: 130,
      gaps: [],
    });
    expect(timeline.map(({ frame }) => frame)).toEqual(Array.from({ length: 130 }, (_, i) => i));
    const { memo, typedSearchAttributes } = await analysis.describe();
    expect(memo).toMatchObject({
      progress: { stage: 'done', segmentsTotal: 3, segmentsScored: 3, framesScored: 130 },
    });
    expect(
      Object.fromEntries(typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value])),
    ).toMatchObject({
      AnalysisStatus: 'succeeded',
      MediaType: 'VIDEO',
      ModelRevision: 'local',
    });
  });

  describe('looks at the frames that were asked for', () => {
    const analysed = async (sampling: Sampling, seconds = 130) => {
      const file = await makeVideo(folder, { seconds, width: 320, height: 240 });
      const analysis = await starter.startFile(file, { sampling });
      await analysis.result();
      return resultOf(analysisIdOfHandle(analysis));
    };

    it('spread evenly over a long video, each for the little that it can stand for', async () => {
      const { timeline, coverage } = await analysed({ policy: 'even', frames: 4 });
      timeline.forEach(({ t }, i) => {
        expect(Math.abs((t ?? NaN) - (i + 0.5) * 32.5)).toBeLessThanOrEqual(0.04 + 1e-3);
      });
      expect(coverage).toMatchObject({
        policy: 'even',
        duration_seconds: 130,
        analysed_seconds: 48,
        frames_sampled: 4,
        frames_decoded: 4,
      });
      expect(coverage.gaps).toHaveLength(5);
      expect(coverage.gaps[1]).toEqual([22.25, 42.75]);
    });

    it('two a second', async () => {
      const { timeline, coverage } = await analysed({ policy: 'fps', fps: 2 }, 20);
      expect(coverage).toMatchObject({
        policy: 'fps',
        analysed_seconds: 20,
        frames_sampled: 40,
        frames_decoded: 40,
        gaps: [],
      });
      timeline.forEach(({ t }, i) => {
        expect(Math.abs((t ?? NaN) - (i + 0.5) / 2)).toBeLessThanOrEqual(0.04 + 1e-3);
      });
    });

    it('that are key frames', async () => {
      // One every two seconds.
      const { timeline, coverage, pipeline } = await analysed({ policy: 'keyframes', fps: 1 });
      expect(coverage).toMatchObject({
        policy: 'keyframes',
        analysed_seconds: 130,
        frames_sampled: 65,
        frames_decoded: 65,
        frames_unreadable: 0,
        gaps: [],
      });
      expect(timeline.map(({ t }) => t)).toEqual(Array.from({ length: 65 }, (_, i) => 2 * i));
      expect(pipeline.face_detector).toContain('mediapipe');
    });

    it('and tells where key frames are too far apart', async () => {
      const file = path.join(folder, 'sparse.mp4');
      const source = ['-f', 'lavfi', '-i', 'testsrc2=size=160x120:rate=10:duration=70'];
      const keys = ['-g', '100000', '-force_key_frames', '0,3,30,65', '-pix_fmt', 'yuv420p'];
      ffmpeg([...source, '-c:v', 'libx264', '-preset', 'ultrafast', ...keys, file]);
      const sampling = { policy: 'keyframes', fps: 1 } as const;
      const analysis = await starter.startFile(file, { sampling });
      await analysis.result();
      const { coverage, reasons } = await resultOf(analysisIdOfHandle(analysis));
      expect(coverage).toMatchObject({
        frames_decoded: 4,
        analysed_seconds: 32,
        gaps: [
          [9, 24],
          [36, 59],
        ],
      });
      expect(reasons).toContain('coverage_too_low');
    });

    it('but not more than one analysis may take', async () => {
      const file = await makeVideo(folder, { seconds: 130, width: 320, height: 240 });
      const limits = { maxFrames: 100 };
      const sampling = { policy: 'fps', fps: 2 } as const;
      const analysis = await starter.startFile(file, { sampling, limits });
      const error = await analysis.result().catch((failure: unknown) => failure);
      expect(error).toMatchObject({ cause: { type: 'too_many_frames' } });
      expect((error as WorkflowFailedError).cause?.message).toMatch(
        /at most 100 frames.* 130 s that would take up to 260.*at most 0.769 a second/,
      );
    });
  });

  it("takes a client's frames, skips those that can't be read and counts them", async () => {
    const good = await blobs.putByHash(
      createReadStream(path.join(pictures, 'landscape-640x360.jpg')),
      mediaKey,
    );
    await blobs.put('media/broken', Buffer.from('no picture'));
    const frames = [mediaKey(good.sha256), null, 'media/broken', mediaKey(good.sha256)].map(
      (key, index) => ({ index, key }),
    );
    const analysis = await starter.start(
      { kind: 'frames', sha256: 'ab'.repeat(32), total: 4, frames },
      { mediaType: 'VIDEO', declaredHash: 'what-the-client-said' },
    );
    await analysis.result();
    const result = await resultOf(analysisIdOfHandle(analysis));
    expect(result.timeline.map(({ frame, t }) => [frame, t])).toEqual([
      [0, null],
      [3, null],
    ]);
    expect(result.coverage).toMatchObject({
      policy: 'frames',
      frames_sampled: 4,
      frames_decoded: 2,
      frames_unreadable: 2,
    });
    expect(result.media).toMatchObject({
      declared_hash: 'what-the-client-said',
      media_type: 'VIDEO',
    });
  });

  it('gives the same answer to the last digit for the same media', async () => {
    const file = await makeVideo(folder, { seconds: 12, width: 480, height: 360 });
    const runs = await Promise.all([starter.startFile(file), starter.startFile(file)]);
    await Promise.all(runs.map((run) => run.result()));
    const [first, second] = await Promise.all(runs.map((run) => resultOf(analysisIdOfHandle(run))));
    expect(first?.timeline).toEqual(second?.timeline);
  });

  it('finds the faces anew where the stored ones are damaged', async () => {
    const file = path.join(pictures, 'portrait-512.png');
    const first = await starter.startFile(file);
    await first.result();
    const cropsId = analysisIdOfHandle(first);
    const crops = { analysisId: cropsId, cropsId, crop: { size: 224, resample: 2 } } as const;
    await truncate(path.join(folder, 'blobs', cropsKey(crops, 0)), 1000);
    const second = await starter.startFile(file, { cropsId });
    await second.result();
    const [one, other] = await Promise.all(
      [first, second].map((run) => resultOf(analysisIdOfHandle(run))),
    );
    expect(other?.timeline).toEqual(one?.timeline);
  });

  it.each([
    [
      'a text called .mp4',
      'notes.mp4',
      Buffer.from('hello\n'.repeat(100)),
      'media_unreadable',
      'got a file of unknown type',
    ],
    ['an empty file', 'empty.mp4', Buffer.alloc(0), 'media_empty', 'got an empty file'],
    [
      'a PDF',
      'paper.pdf',
      Buffer.from('%PDF-1.7\n%âãÏÓ\n'.repeat(20)),
      'media_unsupported',
      'application/pdf',
    ],
    [
      'a broken picture',
      'broken.png',
      Buffer.from('89504e470d0a1a0a0000000d4948445200000001', 'hex'),
      'media_unreadable',
      'picture',
    ],
  ])('refuses %s', async (_what, name, bytes, type, message) => {
    const file = path.join(folder, name);
    await writeFile(file, bytes);
    const failure = await failureOf(file);
    expect(failure.type).toBe(type);
    expect(failure.message).toContain('Expected');
    expect(failure.message).toContain(message);
    expect(failure.message).not.toContain(folder);
  });

  it('refuses a worker with another model than the ID was made for', async () => {
    const file = path.join(pictures, 'portrait-512.png');
    const { sha256, bytes } = await blobs.putByHash(createReadStream(file), mediaKey);
    const input = { kind: 'file' as const, key: mediaKey(sha256), sha256, bytes };
    const analysis = await starter.start(input, { modelFingerprint: 'ffffffffffffffff' });
    await expect(analysis.result()).rejects.toMatchObject({ cause: { type: 'model_mismatch' } });
  });
});
