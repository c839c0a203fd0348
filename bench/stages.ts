import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FaceDetectionPool } from '../libs/faces/detection-pool.js';
import { cropOf, type FaceBox } from '../libs/faces/crop.js';
import { sampleFrames } from '../libs/media/decode-video.js';
import { DEFAULT_LIMITS } from '../libs/media/limits.js';
import { probeMedia } from '../libs/media/probe.js';
import { InferenceEngine } from '../libs/model/engine.js';
import { resizePillow } from '../libs/model/pillow-resize.js';
import { resolveModel } from '../libs/model/source.js';

/** Milliseconds a frame, each stage by itself on one thread. */
export interface StageTimes {
  readonly decode: number;
  readonly detect: number;
  readonly crop: number;
  readonly score: number;
}

const SAMPLES = 60;

/** Runs a video's frames through the stages one after the other. `detect` holds the crop's cost too, which is told apart. */
export async function measureStages(video: string, modelPath: string): Promise<StageTimes> {
  const probe = await probeMedia(video, { limits: DEFAULT_LIMITS });
  const { width, height } = probe;
  const endSeconds = probe.durationSeconds ?? 0;
  const times = Array.from({ length: SAMPLES }, (_, i) => ((i + 0.5) * endSeconds) / SAMPLES);
  const cacheDir = await mkdtemp(path.join(tmpdir(), 'bench-'));
  const hub = { endpoint: 'http://127.0.0.1:9', cacheDir, token: null, offline: true };
  const model = await resolveModel({
    modelId: 'unused/unused',
    revision: 'main',
    path: modelPath,
    hub,
  });
  const engine = await InferenceEngine.load(model, { threads: 1, cacheDir });
  const detection = await FaceDetectionPool.create({ threads: 1 });
  const { inputSize, resample } = engine.description;
  try {
    const began = performance.now();
    const frames = [];
    const request = { startSeconds: 0, endSeconds, times };
    for await (const frame of sampleFrames(video, request, { probe, decoder: { threads: 1 } }))
      frames.push(frame);
    const decode = performance.now() - began;

    const boxes: (FaceBox | null)[] = [];
    const crops: Uint8Array[] = [];
    const detectBegan = performance.now();
    for (const frame of frames) {
      const { faces, crop } = await detection.analyse(
        { ...frame, data: frame.data.slice() },
        inputSize,
        resample,
      );
      boxes.push(faces[0]?.box ?? null);
      crops.push(crop);
    }
    const detectAndCrop = performance.now() - detectBegan;

    const cropBegan = performance.now();
    frames.forEach((frame, i) => {
      const box = boxes[i] ?? null;
      const rect = box === null ? undefined : cropOf(box, width, height);
      resizePillow(frame, inputSize, inputSize, resample, rect);
    });
    const crop = performance.now() - cropBegan;

    const scoreBegan = performance.now();
    await engine.score(Buffer.concat(crops), crops.length);
    const score = performance.now() - scoreBegan;
    const each = (total: number) => Math.round((total / frames.length) * 100) / 100;
    return {
      decode: each(decode),
      detect: each(detectAndCrop - crop),
      crop: each(crop),
      score: each(score),
    };
  } finally {
    await detection.close();
    await engine.close();
    await rm(cacheDir, { recursive: true });
  }
}
