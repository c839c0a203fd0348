import { describe, expect, it } from 'vitest';
import { coverageOf } from './coverage.js';

describe('coverageOf', () => {
  it('adds up what was seen and joins neighbouring gaps', () => {
    const samples = [true, false, false, true, false].map((decoded, i) => ({
      from: i,
      to: i + 1,
      decoded,
    }));
    expect(coverageOf(samples)).toEqual({
      analysedSeconds: 2,
      gaps: [
        [1, 3],
        [4, 5],
      ],
    });
  });
});
