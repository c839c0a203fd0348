import { describe, expect, it } from 'vitest';
import { seekPoints } from './seek-points.js';

describe('seekPoints', () => {
  it('go further back each time, at last to the beginning', () => {
    expect(seekPoints('mpegts', 300)).toEqual([300, 290, 240]);
    expect(seekPoints('mp4', 30.5)).toEqual([30.5, 20.5, null]);
    expect(seekPoints('mp4', 4)).toEqual([4, null]);
    expect(seekPoints('mp4', 0)).toEqual([null]);
    expect(seekPoints('mp4', 0.9)).toEqual([null]);
    expect(seekPoints('mp4', 10.5)).toEqual([10.5, null]);
  });

  it('are none where frames build on the first', () => {
    expect(seekPoints('gif', 300)).toEqual([null]);
  });
});
