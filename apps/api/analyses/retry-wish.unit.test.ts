import { describe, expect, it } from 'vitest';
import { parseRetryWish } from './retry-wish.js';

describe('parseRetryWish', () => {
  it('takes no body for a retry from the start', () => {
    const standard = { from: 'start', model: null, thresholds: null };
    expect(parseRetryWish(undefined)).toEqual(standard);
    expect(parseRetryWish({})).toEqual(standard);
  });

  it.each([
    [{ from: 'middle' }, 'from'],
    [{ form: 'start' }, 'form'],
    [{ model: 7 }, 'model'],
    [{ from: 'aggregation', model: 'fast' }, 'model'],
    [{ thresholds: { fake: 60, real: 40 } }, 'thresholds'],
    [{ from: 'aggregation', thresholds: { fake: 40, real: 60 } }, 'real below fake'],
    [{ from: 'aggregation', thresholds: { fake: 140, real: 60 } }, 'thresholds.fake'],
    [[], 'body'],
  ])('refuses %j, naming %s', (body, name) => {
    expect(() => parseRetryWish(body)).toThrow(name);
  });
});
