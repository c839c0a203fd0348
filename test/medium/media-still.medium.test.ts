import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RasterImage } from '../../libs/media/raster-image.js';
import { decodeStill, encodeJpeg, stillMetadata } from '../../libs/media/still.js';
import { codedPicture, numberOf } from './media-coded-video.js';

const golden = fileURLToPath(new URL('../fixtures/golden/', import.meta.url));
const { resize } = JSON.parse(readFileSync(path.join(golden, 'golden.json'), 'utf8')) as {
  resize: { picture: string; rgb_sha256_before: string }[];
};

let folder: string;
const at = (name: string) => path.join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'media-still-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function rgbOf({ data }: RasterImage): Buffer {
  const rgb = Buffer.alloc((data.length / 4) * 3);
  for (let from = 0, to = 0; from < data.length; from += 4) {
    rgb[to++] = data[from] ?? 0;
    rgb[to++] = data[from + 1] ?? 0;
    rgb[to++] = data[from + 2] ?? 0;
  }
  return rgb;
}
const pixel = ({ data, width }: RasterImage, x: number, y: number) => [
  ...data.subarray((y * width + x) * 4, (y * width + x) * 4 + 4),
];

describe('decodeStill', () => {
  it.each([...new Map(resize.map((row) => [row.picture, row.rgb_sha256_before]))])(
    'gives the bytes that Pillow gives: %s',
    async (picture, sha256) => {
      const image = await decodeStill(path.join(golden, 'pictures', picture));
      expect(createHash('sha256').update(rgbOf(image)).digest('hex')).toBe(sha256);
      expect(image.data).toHaveLength(image.width * image.height * 4);
      expect(image.data.every((value, at) => at % 4 !== 3 || value === 255)).toBe(true);
    },
  );

  it('gives bytes that can be handed to another thread', async () => {
    const image = await decodeStill(path.join(golden, 'pictures', 'small-96x72.png'));
    structuredClone(image, { transfer: [image.data.buffer as ArrayBuffer] });
    expect(image.data).toHaveLength(0);
  });

  it('frees each picture', async () => {
    const file = path.join(golden, 'pictures', 'large-1600x900.jpg');
    const decode = async (count: number) => {
      for (let i = 0; i < count; i += 1) await decodeStill(file);
      return process.memoryUsage().rss;
    };
    const before = await decode(20);
    // 80 pictures of 5.8 MB each: 461 MB, were they kept.
    expect((await decode(80)) - before).toBeLessThan(200e6);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('turns a picture upright: EXIF orientation %i', async (tag) => {
    const { width, height, data } = codedPicture(1234, 96, 64);
    // What each orientation's viewer does, undone: EXIF 2.32, 4.6.4 A. sharp mirrors before it turns.
    const raw = () => sharp(data, { raw: { width, height, channels: 1 } });
    const stored = {
      1: () => raw(),
      2: () => raw().flop(),
      3: () => raw().rotate(180),
      4: () => raw().flip(),
      5: () => raw().flop().rotate(270),
      6: () => raw().rotate(270),
      7: () => raw().flop().rotate(90),
      8: () => raw().rotate(90),
    }[tag]!();
    const png = await stored.png().toBuffer();
    await sharp(png)
      .withMetadata({ orientation: tag })
      .jpeg()
      .toFile(at(`exif-${tag}.jpg`));
    const image = await decodeStill(at(`exif-${tag}.jpg`));
    expect([image.width, image.height]).toEqual([96, 64]);
    expect(numberOf(image)).toBe(1234);
    expect(await stillMetadata(at(`exif-${tag}.jpg`))).toMatchObject({ width: 96, height: 64 });
  });

  it('drops alpha as it is, not blended with anything', async () => {
    const rgba = Buffer.from([200, 100, 50, 0, 10, 20, 30, 128]);
    await sharp(rgba, { raw: { width: 2, height: 1, channels: 4 } })
      .png()
      .toFile(at('alpha.png'));
    const image = await decodeStill(at('alpha.png'));
    expect([pixel(image, 0, 0), pixel(image, 1, 0)]).toEqual([
      [200, 100, 50, 255],
      [10, 20, 30, 255],
    ]);
  });

  it('leaves colour profiles unapplied, as Pillow does', async () => {
    const rgb = Buffer.from([200, 100, 50]);
    await sharp(rgb, { raw: { width: 1, height: 1, channels: 3 } })
      .withIccProfile('p3', { attach: true })
      .png()
      .toFile(at('p3.png'));
    const stored = await sharp(at('p3.png'), { ignoreIcc: true }).raw().toBuffer();
    expect((await sharp(at('p3.png')).metadata()).icc).toBeDefined();
    expect(pixel(await decodeStill(at('p3.png')), 0, 0)).toEqual([...stored, 255]);
  });

  it('reads palettes, grey, 16 bits and CMYK', async () => {
    const red = sharp({ create: { width: 8, height: 8, channels: 3, background: '#c83214' } });
    await red.clone().png({ palette: true }).toFile(at('palette.png'));
    await red.clone().toColourspace('rgb16').png().toFile(at('deep.png'));
    await red.clone().toColourspace('b-w').jpeg({ quality: 100 }).toFile(at('grey.jpg'));
    await red.clone().toColourspace('cmyk').jpeg({ quality: 100 }).toFile(at('cmyk.jpg'));
    expect((await sharp(at('deep.png')).metadata()).depth).toBe('ushort');
    expect((await sharp(at('cmyk.jpg')).metadata()).space).toBe('cmyk');
    expect(pixel(await decodeStill(at('palette.png')), 3, 3)).toEqual([200, 50, 20, 255]);
    expect(pixel(await decodeStill(at('deep.png')), 3, 3)).toEqual([200, 50, 20, 255]);
    const [grey, same, again] = pixel(await decodeStill(at('grey.jpg')), 3, 3);
    expect([same, again]).toEqual([grey, grey]);
    const [r, g, b] = pixel(await decodeStill(at('cmyk.jpg')), 3, 3);
    // The way through CMYK loses colour; what counts is that it is red still.
    expect(r).toBeGreaterThan(150);
    expect(Math.max(g ?? 255, b ?? 255)).toBeLessThan(110);
  });

  it.each(['jpeg', 'png', 'webp', 'avif', 'tiff', 'gif'] as const)('reads %s', async (format) => {
    const file = at(`plain.${format}`);
    const { width, height, data } = codedPicture(77, 64, 64);
    await sharp(data, { raw: { width, height, channels: 1 } })
      .toFormat(format)
      .toFile(file);
    expect(numberOf(await decodeStill(file))).toBe(77);
    expect(await stillMetadata(file)).toMatchObject({ format, width, height, pages: 1 });
  });

  it.each(['tall-270x480.jpg', 'portrait-512.png'])('refuses one cut off: %s', async (picture) => {
    const bytes = readFileSync(path.join(golden, 'pictures', picture));
    writeFileSync(at(picture), bytes.subarray(0, bytes.length / 2));
    await expect(decodeStill(at(picture))).rejects.toMatchObject({
      name: 'MediaError',
      code: 'media_unreadable',
      message: expect.not.stringContaining(folder) as string,
    });
  });

  it('refuses what is no picture, and what may name other files', async () => {
    writeFileSync(at('noise.jpg'), Buffer.alloc(1000, 7));
    writeFileSync(
      at('drawing.svg'),
      '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
    );
    for (const name of ['noise.jpg', 'drawing.svg']) {
      await expect(decodeStill(at(name))).rejects.toMatchObject({ code: 'media_unreadable' });
    }
  });

  it('refuses one over the limit without decoding it', async () => {
    const file = path.join(golden, 'pictures', 'portrait-512.png');
    await expect(decodeStill(file, { maxPixels: 512 * 512 - 1 })).rejects.toMatchObject({
      code: 'media_too_large',
      details: { width: 512, height: 512 },
    });
    expect((await decodeStill(file, { maxPixels: 512 * 512 })).width).toBe(512);
  });
});

describe('encodeJpeg', () => {
  it('writes a JPEG of the same picture', async () => {
    const { data, width, height } = codedPicture(4000, 80, 60);
    const rgb = new Uint8Array(width * height * 3).map((_, i) => data[Math.floor(i / 3)] ?? 0);
    const small = await encodeJpeg(rgb, width, height, 30);
    const jpeg = await encodeJpeg(rgb, width, height);
    expect(small.length).toBeLessThan(jpeg.length);
    writeFileSync(at('encoded.jpg'), jpeg);
    expect(numberOf(await decodeStill(at('encoded.jpg')))).toBe(4000);
    expect(await stillMetadata(at('encoded.jpg'))).toMatchObject({ format: 'jpeg', width, height });
  });
});
