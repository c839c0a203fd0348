import { describe, expect, it } from 'vitest';
import { runInBatches, type BatchRunner } from './batches.js';

const STRIDE = 3;
/** Crops of which every byte is the crop's number, from 1. */
const crops = (count: number) =>
  Uint8Array.from({ length: count * STRIDE }, (_, i) => Math.floor(i / STRIDE) + 1);

/** Gives each crop two logits, its first byte and the negative of it; has no room for more than `most` at once. */
function device(most: number, complaint = 'CUDA error: out of memory') {
  const runs: number[][] = [];
  const runner: BatchRunner = {
    run(pixels, count) {
      const firsts = Array.from({ length: count }, (_, i) => pixels[i * STRIDE] ?? NaN);
      runs.push(firsts);
      if (count > most) return Promise.reject(new Error(complaint));
      return Promise.resolve(Float32Array.from(firsts.flatMap((first) => [first, -first])));
    },
  };
  return { runs, runner };
}

const logitsOf = (count: number) =>
  Float32Array.from({ length: count }, (_, i) => i + 1).reduce<number[]>(
    (all, n) => [...all, n, -n],
    [],
  );

describe('runInBatches', () => {
  it('runs whole batches, the last one filled up with blank crops', async () => {
    const { runs, runner } = device(4);
    const { logits, fits } = await runInBatches(runner, crops(6), 6, 4);
    expect(runs).toEqual([
      [1, 2, 3, 4],
      [5, 6, 0, 0],
    ]);
    expect(Array.from(logits)).toEqual(logitsOf(6));
    expect(fits).toBe(4);
  });

  it('halves a batch that does not fit, until it does, and stays there', async () => {
    const { runs, runner } = device(3);
    const { logits, fits } = await runInBatches(runner, crops(5), 5, 8);
    expect(runs).toEqual([
      [1, 2, 3, 4, 5, 0, 0, 0],
      [1, 2, 3, 4],
      [1, 2],
      [3, 4],
      [5, 0],
    ]);
    expect(Array.from(logits)).toEqual(logitsOf(5));
    expect(fits).toBe(2);
  });

  it.each([
    'Failed to allocate memory for requested buffer of size 1024',
    'Buffer allocation failed: VK_ERROR_OUT_OF_DEVICE_MEMORY',
    'CUDA_ERROR_OUT_OF_MEMORY',
    'Out of memory',
  ])('knows a lack of memory by "%s"', async (complaint) => {
    const { runner } = device(1, complaint);
    expect((await runInBatches(runner, crops(2), 2, 2)).fits).toBe(1);
  });

  it('gives up where even one crop does not fit', async () => {
    const { runs, runner } = device(0);
    await expect(runInBatches(runner, crops(2), 2, 4)).rejects.toThrow('out of memory');
    expect(runs.map(({ length }) => length)).toEqual([4, 2, 1]);
  });

  it('passes on any other failure at once', async () => {
    const { runs, runner } = device(0, 'expected an input named pixels');
    await expect(runInBatches(runner, crops(2), 2, 4)).rejects.toThrow('named pixels');
    expect(runs).toHaveLength(1);
  });
});
