import { describe, expect, it } from 'vitest';
import { changed, changeOf } from './input-change.js';

/** Inputs that have nothing in common, with these spreads and means. */
function statistics(spreads: readonly number[], mean: readonly number[]) {
  const inputs = spreads.length;
  const moments = new Float32Array(inputs * inputs);
  spreads.forEach((spread, i) => (moments[i * inputs + i] = spread * spread));
  return { moments, mean: Float32Array.from(mean) };
}

describe('changeOf', () => {
  it('takes the mean away and brings outliers to twice the middle spread, leaving the others as they are', () => {
    const given = statistics([1, 1, 2, 0.5, 40], [3, -1, 0, 0, 7]);
    const change = changeOf(given, true);
    expect(Array.from(change.centre)).toEqual([3, -1, 0, 0, 7]);
    expect(Array.from(change.factors)).toEqual([1, 1, 1, 1, 20]);
    const { moments, mean } = changed(given, change);
    expect(Array.from(mean)).toEqual([0, 0, 0, 0, 0]);
    expect(Math.sqrt(moments[24] ?? NaN)).toBeCloseTo(2);
    expect(moments[0]).toBe(1);
  });

  it('leaves the mean where nothing could give it back', () => {
    expect(Array.from(changeOf(statistics([1, 1, 9], [5, 5, 5]), false).centre)).toEqual([0, 0, 0]);
  });

  it('changes nothing where nothing is known', () => {
    for (const nothing of [0, Infinity, NaN]) {
      const change = changeOf(statistics([nothing, nothing, nothing], [NaN, Infinity, 0]), true);
      expect(Array.from(change.centre)).toEqual([0, 0, 0]);
      expect(Array.from(change.factors)).toEqual([1, 1, 1]);
    }
  });
});
