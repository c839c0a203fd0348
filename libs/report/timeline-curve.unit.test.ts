import { describe, expect, it } from 'vitest';
import { highestOfEach, unbrokenRuns } from './timeline-curve.js';

const entry = (frame: number, t: number | null, p = 0.1) => ({
  frame,
  t,
  p,
  box: null,
  track: null,
});
const frames = (runs: readonly (readonly { frame: number }[])[]) =>
  runs.map((run) => run.map(({ frame }) => frame));

describe('unbrokenRuns', () => {
  const timeline = [0.5, 1.5, 4.5, 5.5, 9.5].map((t, i) => entry(i, t));

  it('is one run without gaps', () => {
    expect(frames(unbrokenRuns(timeline, []))).toEqual([[0, 1, 2, 3, 4]]);
    expect(unbrokenRuns([], [])).toEqual([]);
  });

  it('is cut by each gap between samples, not by those before, after or twice at one place', () => {
    const gaps = [
      [0, 0.2],
      [2, 4],
      [6, 7],
      [7, 9],
      [10, 11],
    ] as const;
    expect(frames(unbrokenRuns(timeline, gaps))).toEqual([[0, 1], [2, 3], [4]]);
  });

  it('is one run where there is no time', () => {
    expect(frames(unbrokenRuns([entry(0, null), entry(9, null)], []))).toEqual([[0, 9]]);
  });
});

describe('highestOfEach', () => {
  it('keeps all of a few, and of many every peak', () => {
    const many = Array.from({ length: 1000 }, (_, i) => entry(i, i, i === 777 ? 0.9 : 0.1));
    expect(highestOfEach(many.slice(0, 10), 10)).toHaveLength(10);
    const kept = highestOfEach(many, 300);
    expect(kept.length).toBeLessThanOrEqual(300);
    expect(kept.map(({ frame }) => frame)).toContain(777);
  });
});
