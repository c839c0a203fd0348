import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { cropOf } from './crop.js';

const golden = new URL('../../test/fixtures/golden/', import.meta.url);
const rows = (
  JSON.parse(readFileSync(new URL('golden.json', golden), 'utf8')) as {
    checkpoints: Record<
      string,
      { picture: string; box: [number, number, number, number]; crop: number[] }[]
    >;
  }
).checkpoints['tiny-f32']?.filter(({ box }) => (box as unknown) !== null);

describe('cropOf', () => {
  it('gives the crops of the golden pictures', async () => {
    expect(rows?.length).toBeGreaterThan(5);
    for (const { picture, box, crop } of rows ?? []) {
      const { width, height } = await sharp(
        new URL(`pictures/${picture}`, golden).pathname,
      ).metadata();
      const { x1, y1, x2, y2 } = cropOf(box, width, height);
      expect([x1, y1, x2, y2]).toEqual(crop);
    }
  });

  it('stays in the picture and holds at least a pixel, wherever the face is', () => {
    const side = fc.integer({ min: 1, max: 4000 });
    const box = fc.tuple(
      fc.integer({ min: 0, max: 3999 }),
      fc.integer({ min: 0, max: 3999 }),
      side,
      side,
    );
    fc.assert(
      fc.property(box, side, side, (given, width, height) => {
        fc.pre(given[0] < width && given[1] < height);
        const { x1, y1, x2, y2 } = cropOf(given, width, height);
        expect(x1 >= 0 && y1 >= 0 && x2 <= width && y2 <= height && x2 > x1 && y2 > y1).toBe(true);
      }),
    );
  });
});
