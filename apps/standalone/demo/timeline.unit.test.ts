import { describe, expect, it } from 'vitest';
import { renderTimeline } from './timeline.js';

describe('renderTimeline', () => {
  it('shows a hump where the probabilities are high', () => {
    const points = Array.from({ length: 12 }, (_, i) => ({
      t: i + 0.5,
      p: i >= 4 && i < 8 ? 1 : 0,
    }));
    expect(renderTimeline(points, { duration: 12, width: 12, rows: 2 })).toBe(
      ['1.0 ┤    ████', '0.0 ┤▁▁▁▁████▁▁▁▁', '    └────────────', '     0 s   12.0 s'].join('\n'),
    );
  });

  it('leaves a gap where nothing was looked at', () => {
    const points = [0, 1, 2, 19].map((t) => ({ t: t + 0.5, p: 0.4 }));
    const lowest = renderTimeline(points, { duration: 20, width: 20, rows: 1 }).split('\n')[0];
    expect(lowest?.slice(5)).toMatch(/^▃{8} {6}▃{6}$/);
  });
});
