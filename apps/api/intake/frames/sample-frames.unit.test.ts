import { describe, expect, it } from 'vitest';
import { MAX_FRAMES, sampleFrameIndexes } from './sample-frames.js';

describe('sampleFrameIndexes', () => {
  it.each([0, 1, 2, 29, 30])('takes all of %i frames', (count) => {
    expect(sampleFrameIndexes(count)).toEqual(Array.from({ length: count }, (_, i) => i));
  });

  it.each([31, 60, 100, 1_000, 10_001])('spreads 30 over the whole of %i frames', (count) => {
    const indexes = sampleFrameIndexes(count);
    expect(indexes).toEqual(
      Array.from({ length: MAX_FRAMES }, (_, i) => Math.floor(((i + 0.5) * count) / 30)),
    );
    expect(new Set(indexes).size).toBe(MAX_FRAMES);
    const [first = -1, last = -1] = [indexes[0], indexes.at(-1)];
    // As far from the start as from the end: no part of the list is left out.
    expect(Math.abs(first - (count - 1 - last))).toBeLessThanOrEqual(1);
  });
});
