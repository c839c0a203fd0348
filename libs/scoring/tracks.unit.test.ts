import { describe, expect, it } from 'vitest';
import { summariseTracks } from './tracks.js';

describe('summariseTracks', () => {
  it('says where and when each face was, and leaves whole pictures out', () => {
    const samples = [
      { frame: 0, t: 0.5, p: 0.2, track: 0 },
      { frame: 1, t: 1.5, p: 0.9, track: null },
      { frame: 2, t: 2.5, p: 0.6, track: 0 },
    ];
    expect(summariseTracks(samples)).toEqual([
      {
        track: 0,
        samples: 2,
        first_seconds: 0.5,
        last_seconds: 2.5,
        mean_p: 0.4,
        max_p: 0.6,
        peak_frame: 2,
      },
    ]);
  });
});
