import { describe, expect, it } from 'vitest';
import { FairShare, SharedPlaces } from './fair-share.js';

/** Takes until there is no place. */
function takeAll(places: SharedPlaces, tenant: string): number {
  let count = 0;
  while (places.take(tenant) !== null) count += 1;
  return count;
}

describe('FairShare', () => {
  it('gives a single tenant all places', () => {
    expect(takeAll(new SharedPlaces(new FairShare(64, 1)), 'a')).toBe(64);
    expect(takeAll(new SharedPlaces(new FairShare(0, 1)), 'a')).toBe(0);
  });

  it.each([
    [64, 2, 48 + 0, 8],
    [200, 5, 150, 10],
    [10, 3, 7, 1],
    [4, 4, 1, 1],
  ])(
    'of %i places and %i tenants one takes at most %i, the others are sure of %i',
    (most, n, one, sure) => {
      const places = new SharedPlaces(new FairShare(most, n));
      expect(takeAll(places, 'greedy')).toBe(one);
      for (let other = 1; other < n; other += 1)
        for (let i = 0; i < sure; i += 1) expect(places.take(`other ${other}`)).not.toBeNull();
    },
  );

  it('goes to whoever comes first where there are fewer places than tenants', () => {
    const places = new SharedPlaces(new FairShare(1, 3));
    const leave = places.take('a');
    expect(places.take('b')).toBeNull();
    leave?.();
    expect(places.take('b')).not.toBeNull();
  });
});
