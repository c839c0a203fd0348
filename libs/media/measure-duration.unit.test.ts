import { describe, expect, it } from 'vitest';
import { isPlausible, PacketSpan } from './measure-duration.js';

const spanOf = (...lines: string[]) => {
  const span = new PacketSpan();
  for (const line of lines) span.read(line);
  return span.seconds;
};

describe('PacketSpan', () => {
  it('goes from the earliest packet to the end of the latest, in whatever order they come', () => {
    expect(
      spanOf('0.080000,0.000000,0.040000', '0.200000,0.04,0.04', '0.120000,0.08,0.04'),
    ).toBeCloseTo(0.16, 9);
  });

  it('takes decoding times where there are no others', () => {
    expect(spanOf('N/A,0.000000,0.040000', 'N/A,1.000000,0.040000', 'N/A,N/A,N/A')).toBe(1.04);
  });

  it('is nothing without packets, and a moment for one of no length', () => {
    expect(spanOf()).toBeNull();
    expect(spanOf('', 'N/A,N/A,N/A')).toBeNull();
    expect(spanOf('5.0,5.0,N/A')).toBe(0);
  });
});

describe('isPlausible', () => {
  it('doesn’t believe a length that the bytes can’t fill', () => {
    expect(isPlausible(60, 2_000_000)).toBe(true);
    expect(isPlausible(36_000, 2_000_000)).toBe(false);
    expect(isPlausible(null, 2_000_000)).toBe(false);
  });
});
