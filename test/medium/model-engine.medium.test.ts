import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { InferenceEngine } from '../../libs/model/engine.js';
import { loadEngine } from '../support/local-engine.js';

const checkpoint = fileURLToPath(new URL('../fixtures/golden/tiny-f32/', import.meta.url));
const CROP_BYTES = 224 * 224 * 3;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'engine-'));
});
afterAll(() => rm(folder, { recursive: true }));

const noise = (count: number) =>
  Uint8Array.from({ length: count * CROP_BYTES }, (_, i) => Math.imul(i, 2654435761) >>> 24);

describe('an engine', () => {
  let engine: InferenceEngine;
  beforeAll(async () => {
    engine = await loadEngine(checkpoint, { cacheDir: folder });
  });
  afterAll(() => engine.close());

  it('gives a crop the same score beside any other call', async () => {
    const [one, other] = await Promise.all([engine.score(noise(6), 6), engine.score(noise(6), 6)]);
    expect(one).toEqual(other);
  });

  it('stops when aborted, and goes on working afterwards', async () => {
    const controller = new AbortController();
    const reason = new Error('cancelled');
    let done = 0;
    const scoring = engine.score(noise(40), 40, {
      signal: controller.signal,
      onProgress: (count) => {
        done = count;
        controller.abort(reason);
      },
    });
    await expect(scoring).rejects.toBe(reason);
    expect(done).toBeLessThan(40);
    expect((await engine.score(noise(1), 1)).fakeProbabilities).toHaveLength(1);
  });

  it('refuses bytes that are not so many crops', async () => {
    await expect(engine.score(noise(1), 2)).rejects.toThrow(RangeError);
    await expect(engine.score(new Uint8Array(0), 0)).rejects.toThrow(RangeError);
  });
});
