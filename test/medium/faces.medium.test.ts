import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cropOf } from '../../libs/faces/crop.js';
import { FaceDetectionPool } from '../../libs/faces/detection-pool.js';
import { decodeStill } from '../../libs/media/still.js';
import { resizePillow } from '../../libs/model/pillow-resize.js';

const pictures = fileURLToPath(new URL('../fixtures/golden/pictures/', import.meta.url));
const picture = (name: string) => decodeStill(path.join(pictures, name));

describe('face detection', () => {
  let pool: FaceDetectionPool;
  beforeAll(async () => {
    pool = await FaceDetectionPool.create({ threads: 2 });
  });
  afterAll(() => pool.close());

  it('finds the face of the portrait and cuts it out as the rule says', async () => {
    const image = await picture('portrait-512.png');
    const expected = { ...image, data: image.data.slice() };
    const { faces, crop } = await pool.analyse(image, 224, 2);
    expect(faces).toHaveLength(1);
    const [face] = faces;
    const [x, y, w, h] = face!.box;
    expect(face!.score).toBeGreaterThan(0.7);
    // Her face spans about x 175..275 and y 65..190.
    expect(x + w / 2).toBeGreaterThan(200);
    expect(x + w / 2).toBeLessThan(250);
    expect(y + h / 2).toBeGreaterThan(90);
    expect(y + h / 2).toBeLessThan(160);
    const rect = cropOf(face!.box, 512, 512);
    expect(crop).toEqual(resizePillow(expected, 224, 224, 2, rect));
  });

  it('gives the whole picture where there is no face', async () => {
    const image = await picture('texture-333x217.png');
    const whole = resizePillow({ ...image, data: image.data.slice() }, 128, 128, 3);
    const { faces, crop } = await pool.analyse(image, 128, 3);
    expect(faces).toEqual([]);
    expect(crop).toEqual(whole);
  });

  it.each(['landscape-640x360.jpg', 'tall-270x480.jpg', 'large-1600x900.jpg', 'grey-200x200.png'])(
    'finds the face in %s',
    async (name) => {
      expect((await pool.analyse(await picture(name), 64, 2)).faces).toHaveLength(1);
    },
  );

  it('gives the same bytes for the same picture, however many are under way', async () => {
    const image = await picture('landscape-640x360.jpg');
    const copy = () => ({ ...image, data: image.data.slice() });
    const [first, ...others] = await Promise.all(
      Array.from({ length: 8 }, () => pool.analyse(copy(), 64, 2)),
    );
    for (const other of others) expect(other).toEqual(first);
  });

  it('sees the same in RGB as in RGBA', async () => {
    for (const name of ['landscape-640x360.jpg', 'upscaled-100x140.jpg', 'texture-333x217.png']) {
      const image = await picture(name);
      const rgb = {
        ...image,
        channels: 3,
        data: image.data.filter((_, i) => i % 4 !== 3),
      } as const;
      const [three, four] = await Promise.all([
        pool.analyse(rgb, 224, 2),
        pool.analyse(image, 224, 2),
      ]);
      expect(three.faces).toEqual(four.faces);
      expect(Buffer.compare(three.crop, four.crop)).toBe(0);
    }
  });

  it('takes a picture of one pixel', async () => {
    const dot = { width: 1, height: 1, channels: 4, data: Uint8Array.of(10, 20, 30, 255) } as const;
    const { faces, crop } = await pool.analyse(dot, 2, 2);
    expect(faces).toEqual([]);
    expect([...crop.subarray(0, 3)]).toEqual([10, 20, 30]);
  });

  it('refuses bytes that do not fit the size, and goes on', async () => {
    const wrong = { width: 3, height: 3, channels: 4, data: new Uint8Array(12) } as const;
    await expect(pool.analyse(wrong, 2, 2)).rejects.toThrow(
      'expected 3×3×4 bytes of pixels, got 12',
    );
    expect((await pool.analyse(await picture('portrait-512.png'), 64, 2)).faces).toHaveLength(1);
  });
});
