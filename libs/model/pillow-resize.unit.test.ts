import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { resizePillow, type PixelImage, type Resample } from './pillow-resize.js';

interface GoldenResize {
  picture: string;
  size: [width: number, height: number];
  resample: Resample;
  rgb_sha256_before: string;
  rgb_sha256: string;
}

const golden = new URL('../../test/fixtures/golden/', import.meta.url);
const { resize } = JSON.parse(readFileSync(new URL('golden.json', golden), 'utf8')) as {
  resize: GoldenResize[];
};

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

function randomImage(width: number, height: number, channels: 3 | 4): PixelImage {
  let state = width * 31 + height;
  const data = Uint8Array.from({ length: width * height * channels }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
  return { width, height, data, channels };
}

/** What Pillow's crop and convert('RGB') would give. */
function cropped(image: PixelImage, x1: number, y1: number, x2: number, y2: number): PixelImage {
  const { channels = 3 } = image;
  const out: number[] = [];
  for (let y = y1; y < y2; y++) {
    for (let x = x1; x < x2; x++) {
      const at = (y * image.width + x) * channels;
      out.push(...image.data.subarray(at, at + 3));
    }
  }
  return { width: x2 - x1, height: y2 - y1, data: Uint8Array.from(out) };
}

describe('resizePillow', () => {
  it.each(resize)(
    'is Pillow byte for byte: $picture to $size with filter $resample',
    async (row) => {
      const { data, info } = await sharp(new URL(`pictures/${row.picture}`, golden).pathname)
        .removeAlpha()
        .toColourspace('srgb')
        .raw()
        .toBuffer({ resolveWithObject: true });
      expect(sha256(data)).toBe(row.rgb_sha256_before);
      const image = { width: info.width, height: info.height, data };
      const resized = resizePillow(image, ...row.size, row.resample);
      expect(sha256(resized)).toBe(row.rgb_sha256);
    },
  );

  it('resizes a rectangle of an RGBA frame as it would the cropped RGB image', () => {
    const size = fc.integer({ min: 1, max: 40 });
    const property = fc.property(
      fc.record({ width: size, height: size, a: fc.nat(), b: fc.nat(), c: fc.nat(), d: fc.nat() }),
      size,
      size,
      fc.constantFrom<Resample[]>(1, 2, 3),
      (frame, width, height, resample) => {
        const image = randomImage(frame.width, frame.height, 4);
        const x1 = frame.a % frame.width;
        const y1 = frame.b % frame.height;
        const x2 = x1 + 1 + (frame.c % (frame.width - x1));
        const y2 = y1 + 1 + (frame.d % (frame.height - y1));
        const fromFrame = resizePillow(image, width, height, resample, { x1, y1, x2, y2 });
        const fromCrop = resizePillow(cropped(image, x1, y1, x2, y2), width, height, resample);
        expect(fromFrame).toEqual(fromCrop);
      },
    );
    fc.assert(property, { numRuns: 200 });
  });

  it('shortens first what is over 100 times as tall as wide, as Pillow 12.3 does', () => {
    const resized = resizePillow(randomImage(3, 700, 3), 224, 224, 2);
    expect(sha256(resized)).toBe(
      '3292a41f50c67463b23176e4635e3f6d834b40fcb464b535bc225671520120cc',
    );
  });

  it('never gives out a view of its input', () => {
    const image = randomImage(4, 4, 3);
    const same = resizePillow(image, 4, 4, 2);
    expect(same).toEqual(image.data);
    expect(same.buffer).not.toBe(image.data.buffer);
  });

  it.each([
    ['bytes that are not an image', { width: 2, height: 2, data: new Uint8Array(11) }, undefined],
    ['a rectangle outside', randomImage(4, 4, 3), { x1: 0, y1: 0, x2: 5, y2: 4 }],
    ['an empty rectangle', randomImage(4, 4, 3), { x1: 2, y1: 0, x2: 2, y2: 4 }],
    ['half a pixel', randomImage(4, 4, 3), { x1: 0.5, y1: 0, x2: 2, y2: 4 }],
  ])('refuses %s', (_, image, rect) => {
    expect(() => resizePillow(image, 3, 3, 2, rect)).toThrow(RangeError);
  });
});
