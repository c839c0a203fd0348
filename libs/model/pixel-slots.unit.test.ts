import { describe, expect, it } from 'vitest';
import { PixelSlots } from './pixel-slots.js';

const picture = (value: number) => new Uint8Array(12).fill(value);

describe('PixelSlots', () => {
  it('lends pictures one after the other, in memory that threads can share', async () => {
    const slots = new PixelSlots(4);
    const seen = await slots.lend([picture(1), picture(2)], (pixels) => {
      expect(pixels.buffer).toBeInstanceOf(SharedArrayBuffer);
      return Promise.resolve(Array.from(pixels));
    });
    expect(seen).toEqual([...picture(1), ...picture(2)]);
  });

  it('lends the same memory again, however the use of it ended, and none of what was there before', async () => {
    const slots = new PixelSlots(2);
    const buffers = new Set<SharedArrayBuffer>();
    const use = (pixels: Uint8Array<SharedArrayBuffer>) => {
      buffers.add(pixels.buffer);
      return Promise.resolve(Array.from(pixels));
    };
    await slots.lend([picture(1), picture(2)], use);
    const failed = slots.lend([picture(3)], (pixels) => {
      buffers.add(pixels.buffer);
      return Promise.reject(new Error('a thread died'));
    });
    await expect(failed).rejects.toThrow('a thread died');
    expect(await slots.lend([picture(4)], use)).toEqual([...picture(4)]);
    expect(buffers.size).toBe(1);
  });

  it('does not lend to two what only one may have', async () => {
    const slots = new PixelSlots(1);
    let end: () => void = () => undefined;
    const first = slots.lend([picture(1)], async (pixels) => {
      await new Promise<void>((resolve) => (end = resolve));
      return Array.from(pixels);
    });
    await slots.lend([picture(2)], () => Promise.resolve());
    end();
    expect(await first).toEqual([...picture(1)]);
  });
});
