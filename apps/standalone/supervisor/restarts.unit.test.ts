import { describe, expect, it } from 'vitest';
import { Restarts } from './restarts.js';

describe('Restarts', () => {
  it('waits longer each time and gives up at the fifth death within a minute', () => {
    const restarts = new Restarts(5);
    expect([0, 1, 2, 3, 4].map((second) => restarts.next(second * 1000))).toEqual([
      500,
      1000,
      2000,
      4000,
      null,
    ]);
  });

  it('forgets deaths of more than a minute ago', () => {
    const restarts = new Restarts(5);
    for (let minute = 0; minute < 10; minute += 1) expect(restarts.next(minute * 61_000)).toBe(500);
  });

  it('gives up at once where one death is too many', () => {
    expect(new Restarts(1).next(0)).toBeNull();
  });
});
