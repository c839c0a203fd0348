import { describe, expect, it } from 'vitest';
import { withAlpha } from './with-alpha.js';

/** RGB of some pixels, `offset` bytes into its memory, and what becomes of it there. */
function converted(pixels: number, offset: number): { rgba: number[]; expected: number[] } {
  const rgb = new Uint8Array(pixels * 3 + offset)
    .map((_, i) => (i * 37 + 200) % 256)
    .subarray(offset);
  const room = new Uint8Array(pixels * 4 + offset + 1).fill(7);
  withAlpha(rgb, room.subarray(offset, offset + pixels * 4));
  expect(room.at(-1)).toBe(7);
  const expected = Array.from({ length: pixels }, (_, i) => [
    ...rgb.subarray(i * 3, i * 3 + 3),
    255,
  ]);
  return { rgba: [...room.subarray(offset, -1)], expected: expected.flat() };
}

describe('withAlpha', () => {
  it.each([0, 1, 3, 4, 5, 8, 11])('adds an alpha of 255 to each of %i pixels', (pixels) => {
    const { rgba, expected } = converted(pixels, 0);
    expect(rgba).toEqual(expected);
  });

  it.each([1, 2, 3, 4])('does so %i bytes into a buffer', (offset) => {
    const { rgba, expected } = converted(9, offset);
    expect(rgba).toEqual(expected);
  });

  it('refuses sizes that do not fit together', () => {
    expect(() => {
      withAlpha(new Uint8Array(6), new Uint8Array(12));
    }).toThrow(/expected room for 8 bytes, got 12/);
    expect(() => {
      withAlpha(new Uint8Array(7), new Uint8Array(8));
    }).toThrow(RangeError);
  });
});
