import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeStill } from '../../libs/media/still.js';
import type { InferenceEngine } from '../../libs/model/engine.js';
import { resizePillow } from '../../libs/model/pillow-resize.js';
import { PROBE_PICTURES, probePicture } from '../../libs/model/probe-pictures.js';
import { loadEngine } from '../support/local-engine.js';
import { shardCheckpoint } from '../support/shards.js';

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

/** A checkpoint that holds its own PyTorch numbers. */
const withRows = (folder: string) => {
  const name = path.basename(folder);
  return { name, folder, rows: readRows(path.join(folder, 'golden.json'), name) };
};

/** Each checkpoint with the PyTorch numbers of the same pictures; GOLDEN_CHECKPOINTS names more folders. */
const checkpoints = [
  ...['tiny-f32', 'tiny-f16', 'tiny-bf16'].map((name) => ({
    name,
    folder: path.join(golden, name),
    rows: readRows(path.join(golden, 'golden.json'), name),
  })),
  ...['tiny-patch14', 'tiny-vit', 'tiny-vit-old', 'tiny-onnx'].map((name) =>
    withRows(path.join(golden, name)),
  ),
  withRows(path.join(root, 'models/demo')),
  ...(process.env.GOLDEN_CHECKPOINTS?.split(':') ?? []).map(withRows),
];

const cropOf = async ({ picture, crop }: GoldenRow, engine: InferenceEngine) => {
  const still = await decodeStill(path.join(golden, 'pictures', picture));
  const { inputSize, resample } = engine.description;
  const rect = crop === null ? undefined : { x1: crop[0], y1: crop[1], x2: crop[2], y2: crop[3] };
  return resizePillow({ ...still, channels: 4 }, inputSize, inputSize, resample, rect);
};

describe.each(checkpoints)('$name against PyTorch', ({ folder, rows }) => {
  let cacheDir: string;
  let engine: InferenceEngine;

  beforeAll(async () => {
    cacheDir = await mkdtemp(path.join(tmpdir(), 'weights-'));
    engine = await loadEngine(folder, { cacheDir });
  });
  afterAll(async () => {
    await engine.close();
    await rm(cacheDir, { recursive: true });
  });

  it('gives the same fake probabilities, from the picture files on', async () => {
    expect(rows.length).toBeGreaterThanOrEqual(10);
    let worst = 0;
    for (const row of rows) {
      const { fakeProbabilities } = await engine.score(await cropOf(row, engine), 1);
      worst = Math.max(worst, Math.abs((fakeProbabilities[0] ?? NaN) - row.p_fake));
    }
    console.log(
      `largest difference from PyTorch: ${worst.toExponential(1)} over ${rows.length} pictures and crops`,
    );
    expect(worst).toBeLessThanOrEqual(TOLERANCE);
  });

  it('gives a crop the same score alone and among others, to the last bit', async () => {
    const crops = await Promise.all(rows.map((row) => cropOf(row, engine)));
    const together = await engine.score(Buffer.concat(crops), crops.length);
    for (const [i, crop] of crops.entries()) {
      expect((await engine.score(crop, 1)).fakeProbabilities[0]).toBe(
        together.fakeProbabilities[i],
      );
    }
  });
});

describe.each(['tiny-vit', 'tiny-f16'])('%s in shards', (name) => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'shards-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('gives the same scores as in one file, to the last bit, and another hash', async () => {
    const single = path.join(golden, name);
    const shards = await shardCheckpoint(single, path.join(folder, name), 3);
    const [whole, parts] = await Promise.all([
      loadEngine(single, { cacheDir: folder }),
      loadEngine(path.join(folder, name), { cacheDir: folder }),
    ]);
    try {
      const size = whole.description.inputSize;
      const pictures = Array.from({ length: PROBE_PICTURES }, (_, i) => probePicture(i, size));
      const crops = Buffer.concat(pictures);
      const scores = await parts.score(crops, PROBE_PICTURES);
      expect(scores).toEqual(await whole.score(crops, PROBE_PICTURES));
      const hashes = shards.map((shard) => `${sha256(path.join(folder, name, shard))}  ${shard}\n`);
      expect(parts.description.weightsSha256).toBe(
        createHash('sha256').update(hashes.join('')).digest('hex'),
      );
      expect(parts.description.fingerprint).not.toBe(whole.description.fingerprint);
    } finally {
      await Promise.all([whole.close(), parts.close()]);
    }
  });
});

const sha256 = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');
