import { describe, expect, it } from 'vitest';
import { etaSeconds } from './eta.js';

describe('etaSeconds', () => {
  it.each([
    [30, 3, 12, 90],
    [0.1, 1, 2, 1],
    [30, 0, 12, null],
    [30, 12, 12, null],
    [30, 1, null, null],
  ])('after %d s with %d of %j segments: %j', (elapsed, scored, total, eta) => {
    expect(etaSeconds(elapsed, scored, total)).toBe(eta);
  });
});
