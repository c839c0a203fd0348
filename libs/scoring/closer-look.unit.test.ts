import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closerLook, closerLookThreshold, type ScoredShare } from './closer-look.js';

/** One sample a second. */
const shares = (...probabilities: number[]): ScoredShare[] =>
  probabilities.map((p, i) => ({ from: i, to: i + 1, p }));
const budget = (durationSeconds: number, seconds = 1000) => ({ durationSeconds, seconds });
const quiet = (count: number) => Array.from({ length: count }, () => 0.1);

describe('closerLook', () => {
  it('takes a second more to either side of what stands out, and joins what meets', () => {
    const scores = [...quiet(5), 0.9, ...quiet(2), 0.8, ...quiet(8), 0.7];
    expect(closerLook(shares(...scores), budget(scores.length))).toEqual([
      [4, 10],
      [16, 18],
    ]);
  });

  it('leaves alone what is low, and what is high throughout', () => {
    expect(closerLook(shares(...quiet(9), 0.29), budget(10))).toEqual([]);
    expect(closerLook(shares(0.9, 0.92, 0.91, 0.93, 0.9, 0.94), budget(6))).toEqual([]);
    expect(closerLook([], budget(6))).toEqual([]);
  });

  it('asks for more where scores scatter more', () => {
    expect(closerLookThreshold([0.1, 0.1, 0.1, 0.9])).toBe(0.3);
    expect(closerLookThreshold([0.2, 0.3, 0.4, 0.5, 0.6])).toBeCloseTo(0.4 + 3 * 1.4826 * 0.1, 9);
  });

  it('spends its budget on the highest scores, and the rest around the next peak', () => {
    const scores = [
      ...quiet(10),
      0.5,
      ...quiet(10),
      0.9,
      ...quiet(10),
      0.8,
      0.7,
      0.6,
      ...quiet(10),
    ];
    expect(closerLook(shares(...scores), budget(scores.length, 6))).toEqual([
      [20, 23],
      [31, 34],
    ]);
    expect(closerLook(shares(...scores), budget(scores.length, 3.5))).toEqual([[20, 23]]);
  });

  it('stays within the video and the budget, in order, and is always the same', () => {
    const scores = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1 });
    fc.assert(
      fc.property(scores, fc.nat(60), (p, seconds) => {
        const spans = closerLook(shares(...p), budget(p.length, seconds));
        expect(closerLook(shares(...p), budget(p.length, seconds))).toEqual(spans);
        let before = 0;
        for (const [from, to] of spans) {
          expect(from).toBeGreaterThanOrEqual(before);
          expect(to).toBeGreaterThan(from);
          before = to;
        }
        expect(before).toBeLessThanOrEqual(p.length);
        expect(spans.reduce((sum, [from, to]) => sum + to - from, 0)).toBeLessThanOrEqual(
          seconds + 1e-9,
        );
      }),
    );
  });
});
