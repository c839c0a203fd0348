import { describe, expect, it } from 'vitest';
import { bytes, clock, duration, percent, score } from './numbers.js';

describe('numbers for readers', () => {
  it.each([
    [0, '0:00'],
    [9, '0:09'],
    [24.84, '0:24.8'],
    [59.96, '1:00'],
    [62.3, '1:02.3'],
    [3599.99, '1:00:00'],
    [7261.5, '2:01:01.5'],
  ])('%d s on the clock is %s', (seconds, text) => {
    expect(clock(seconds)).toBe(text);
  });

  it('writes durations, shares, scores and sizes', () => {
    expect([duration(42.53), duration(7200)]).toEqual(['42.5 s', '2:00:00']);
    expect([percent(0.999), percent(1), percent(0.29)]).toEqual(['99 %', '100 %', '29 %']);
    expect(score(0.9371)).toBe('0.94');
    expect([bytes(0), bytes(999), bytes(1_234_567)]).toEqual(['0 B', '999 B', '1.2 MB']);
  });
});
