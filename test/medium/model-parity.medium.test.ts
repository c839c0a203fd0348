import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeStill } from '../../libs/media/still.js';
import { InferenceEngine } from '../../libs/model/engine.js';
import { resizePillow } from '../../libs/model/pillow-resize.js';
import { resolveModel } from '../../libs/model/source.js';

interface GoldenRow {
  picture: string;
  /** `[x1, y1, x2, y2]`, or null for the whole picture. */
  crop: [number, number, number, number] | null;
  logits: number[];
  p_fake: number;
}

const root = fileURLToPath(new URL('../../', import.meta.url));
const golden = path.join(root, 'test/fixtures/golden');
const readRows = (file: string, checkpoint: string) =>
  (JSON.parse(readFileSync(file, 'utf8')) as { checkpoints: Record<string, GoldenRow[]> })
    .checkpoints[checkpoint] ?? [];

/** How far a fake probability may be from PyTorch's. */
const TOLERANCE = 1e-5;

/** Each checkpoint with the PyTorch numbers of the same pictures. */
const checkpoints = [
  ...['tiny-f32', 'tiny-f16', 'tiny-bf16'].map((name) => ({
    name,
    folder: path.join(golden, name),
    rows: readRows(path.join(golden, 'golden.json'), name),
  })),
  {
    name: 'tiny-onnx',
    folder: path.join(golden, 'tiny-onnx'),
    rows: readRows(path.join(golden, 'tiny-onnx/golden.json'), 'tiny-onnx'),
  },
  {
    name: 'demo',
    folder: path.join(root, 'models/demo'),
    rows: readRows(path.join(root, 'models/demo/golden.json'), 'demo'),
  },
];

describe.each(checkpoints)('$name against PyTorch', ({ folder, rows }) => {
  let cacheDir: string;
  let engine: InferenceEngine;

  beforeAll(async () => {
    cacheDir = await mkdtemp(path.join(tmpdir(), 'weights-'));
    const hub = { endpoint: 'http://127.0.0.1:9', cacheDir, token: null, offline: true };
    const model = await resolveModel({
      modelId: 'unused/unused',
      revision: 'main',
      path: folder,
      hub,
    });
    engine = await InferenceEngine.load(model, { threads: 2, cacheDir });
  });
  afterAll(async () => {
    await engine.close();
    await rm(cacheDir, { recursive: true });
  });

  const cropOf = async ({ picture, crop }: GoldenRow) => {
    const still = await decodeStill(path.join(golden, 'pictures', picture));
    const { inputSize, resample } = engine.description;
    const rect = crop === null ? undefined : { x1: crop[0], y1: crop[1], x2: crop[2], y2: crop[3] };
    return resizePillow({ ...still, channels: 4 }, inputSize, inputSize, resample, rect);
  };

  it('gives the same fake probabilities, from the picture files on', async () => {
    expect(rows.length).toBeGreaterThanOrEqual(10);
    let worst = 0;
    for (const row of rows) {
      const { fakeProbabilities } = await engine.score(await cropOf(row), 1);
      worst = Math.max(worst, Math.abs((fakeProbabilities[0] ?? NaN) - row.p_fake));
    }
    console.log(
      `largest difference from PyTorch: ${worst.toExponential(1)} over ${rows.length} pictures and crops`,
    );
    expect(worst).toBeLessThanOrEqual(TOLERANCE);
  });

  it('gives a crop the same score alone and among others, to the last bit', async () => {
    const crops = await Promise.all(rows.map(cropOf));
    const together = await engine.score(Buffer.concat(crops), crops.length);
    for (const [i, crop] of crops.entries()) {
      expect((await engine.score(crop, 1)).fakeProbabilities[0]).toBe(
        together.fakeProbabilities[i],
      );
    }
  });
});
