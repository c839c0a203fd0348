import { describe, expect, it } from 'vitest';
import { retryAfterSeconds } from './refusal.js';

describe('retryAfterSeconds', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');

  it.each([
    [{ 'retry-after': '120' }, 120],
    [{ 'retry-after': 'Thu, 01 Jan 2026 00:01:30 GMT' }, 90],
    [{ 'retry-after': 'Wed, 31 Dec 2025 00:00:00 GMT' }, 0],
    [{ ratelimit: '"api";r=0;t=55' }, 55],
    [{ ratelimit: '"api";r=12;t=55' }, null],
    [{ 'retry-after': 'soon' }, null],
    [{}, null],
  ])('reads %j', (headers, seconds) => {
    expect(retryAfterSeconds(new Headers(headers), now)).toBe(seconds);
  });
});
