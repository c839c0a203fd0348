import { describe, expect, it } from 'vitest';
import { animationTiming, pageTimes } from './animation.js';

describe('pageTimes', () => {
  it('adds the delays up, and shows hasty pages for a tenth of a second as browsers do', () => {
    expect(pageTimes([200, 0, 10, 11, 500])).toEqual({
      starts: [0, 0.2, 0.3, 0.4, 0.411],
      end: 0.911,
    });
  });
});

describe('animationTiming', () => {
  it('tells length and rate', () => {
    expect(animationTiming([100, 100, 100, 100])).toEqual({
      durationSeconds: 0.4,
      frameRate: 10,
      variableFrameRate: false,
      startSeconds: 0,
    });
    expect(animationTiming([100, 300]).variableFrameRate).toBe(true);
  });
});
