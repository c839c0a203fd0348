import { describe, expect, it } from 'vitest';
import { coverageOf, timeShares, type TakenSample } from './coverage.js';

const at = (...times: number[]): TakenSample[] =>
  times.map((seconds) => ({ seconds, decoded: true }));
const spans = (samples: readonly TakenSample[], duration: number, reach = 6) =>
  timeShares(samples, duration, reach).map(({ from, to }) => [from, to]);

describe('timeShares', () => {
  it('reach half-way to the neighbours, and to the ends', () => {
    expect(spans(at(0.5, 1.5, 3.5), 5)).toEqual([
      [0, 1],
      [1, 2.5],
      [2.5, 5],
    ]);
  });

  it('reach no further than they can speak for', () => {
    expect(spans(at(10, 30), 40)).toEqual([
      [4, 16],
      [24, 36],
    ]);
  });

  it('are none of a second frame at the same moment', () => {
    expect(spans(at(1, 1, 1), 2)).toEqual([
      [0, 1],
      [1, 1],
      [1, 2],
    ]);
  });
});

describe('coverageOf', () => {
  it('adds up what was seen and joins neighbouring gaps', () => {
    const samples = [true, false, false, true, false].map((decoded, i) => ({
      seconds: i + 0.5,
      decoded,
    }));
    expect(coverageOf(timeShares(samples, 5, 6), 5)).toEqual({
      analysedSeconds: 2,
      gaps: [
        [1, 3],
        [4, 5],
      ],
    });
  });

  it('tells of time that no sample is near', () => {
    const shares = timeShares(at(0, 10, 40), 60, 6);
    expect(coverageOf(shares, 60)).toEqual({
      analysedSeconds: 5 + 11 + 12,
      gaps: [
        [16, 34],
        [46, 60],
      ],
    });
  });

  it('is all of it where samples lie evenly, however the sums round', () => {
    const step = 7.3 / 30;
    const samples = at(...Array.from({ length: 30 }, (_, i) => (i + 0.5) * step));
    const { analysedSeconds, gaps } = coverageOf(timeShares(samples, 7.3, 6), 7.3);
    expect(analysedSeconds).toBeCloseTo(7.3, 9);
    expect(gaps).toEqual([]);
  });

  it('is nothing where nothing was seen', () => {
    expect(coverageOf([], 5)).toEqual({ analysedSeconds: 0, gaps: [[0, 5]] });
  });
});
