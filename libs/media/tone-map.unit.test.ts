import { describe, expect, it } from 'vitest';
import type { Hdr } from './hdr.js';
import { toneMap } from './tone-map.js';

async function mapped(hdr: Hdr, ...pixel: number[]): Promise<number[]> {
  const data = Uint8Array.from(pixel);
  await toneMap({ width: 1, height: 1, channels: pixel.length === 4 ? 4 : 3, data }, hdr);
  return [...data];
}

describe('toneMap', () => {
  it.each([
    // Graphics white is 58 % of PQ's signal and 75 % of HLG's (BT.2408, table 1).
    ['pq', 148],
    ['hlg', 191],
  ] as const)('keeps black, and makes white of the white of %s', async (hdr, white) => {
    expect(await mapped(hdr, 0, 0, 0)).toEqual([0, 0, 0]);
    const [red = 0, ...others] = await mapped(hdr, white, white, white);
    expect(red).toBeGreaterThan(205);
    expect(red).toBeLessThan(240);
    expect(others.every((value) => Math.abs(value - red) <= 1)).toBe(true);
  });

  it('makes what is brighter brighter, up to white', async () => {
    const levels = [];
    for (let value = 0; value < 256; value += 5)
      levels.push((await mapped('pq', value, value, value))[0] ?? 0);
    expect(levels).toEqual(levels.toSorted((a, b) => a - b));
    expect(levels.at(-1)).toBe(255);
  });

  it('leaves alpha alone', async () => {
    expect((await mapped('hlg', 100, 100, 100, 255))[3]).toBe(255);
  });
});
