import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { StallGuard } from './stall-guard.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('StallGuard', () => {
  it('tells of silence, and signs of life put it off', () => {
    const onStall = vi.fn();
    const guard = new StallGuard(100, 10_000, onStall);
    vi.advanceTimersByTime(90);
    guard.touch();
    vi.advanceTimersByTime(90);
    expect(onStall).not.toHaveBeenCalled();
    vi.advanceTimersByTime(10);
    expect(onStall.mock.calls).toEqual([['silent']]);
  });

  it('tells when waits add up to too much, however lively; the caller’s own work doesn’t count', () => {
    const onStall = vi.fn();
    const guard = new StallGuard(100, 250, onStall);
    for (let i = 0; i < 4; i += 1) {
      vi.advanceTimersByTime(60);
      guard.pause();
      vi.advanceTimersByTime(1000);
      guard.resume();
    }
    expect(onStall).not.toHaveBeenCalled();
    vi.advanceTimersByTime(10);
    expect(onStall.mock.calls).toEqual([['slow']]);
  });
});
