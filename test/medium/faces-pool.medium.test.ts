import { execFile } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FaceDetectionPool } from '../../libs/faces/detection-pool.js';
import { FACE_MODELS, MediaPipeFaceDetector, prepareDetector } from '../../libs/faces/mediapipe.js';
import { decodeStill } from '../../libs/media/still.js';
import { resizePillow } from '../../libs/model/pillow-resize.js';
import type { RasterImage } from '../../libs/media/raster-image.js';
import { workerEntry } from '../../libs/platform/worker-entry.js';

const pictures = fileURLToPath(new URL('../fixtures/golden/pictures/', import.meta.url));
const picture = (name: string) => decodeStill(path.join(pictures, name));
const copyOf = (image: RasterImage): RasterImage => ({
  ...image,
  data: new Uint8Array(image.data),
});
const grey = (width: number, height: number): RasterImage => ({
  ...{ width, height, channels: 4 },
  data: new Uint8Array(width * height * 4).fill(127),
});

/** Larger, with each pixel repeated: the shapes stay as they are. */
function repeated(image: RasterImage, times: number): RasterImage {
  const wide = grey(image.width * times, image.height * times);
  const from = new Uint32Array(image.data.buffer, image.data.byteOffset, image.data.length / 4);
  const to = new Uint32Array(wide.data.buffer);
  for (let y = 0; y < wide.height; y++) {
    const row = Math.floor(y / times) * image.width;
    for (let x = 0; x < wide.width; x++)
      to[y * wide.width + x] = from[row + Math.floor(x / times)] ?? 0;
  }
  return wide;
}

describe('a face detection pool', () => {
  let pool: FaceDetectionPool;
  let landscape: RasterImage;
  beforeAll(async () => {
    pool = await FaceDetectionPool.create({ threads: 2 });
    landscape = await picture('landscape-640x360.jpg');
  });
  afterAll(() => pool.close());

  it('gives what a pool of one thread gives', async () => {
    const single = await FaceDetectionPool.create({ threads: 1 });
    try {
      for (const name of ['portrait-512.png', 'small-96x72.png', 'texture-333x217.png']) {
        const image = await picture(name);
        const [one, two] = await Promise.all([
          single.analyse(copyOf(image), 224, 2),
          pool.analyse(copyOf(image), 224, 2),
        ]);
        expect(one).toEqual(two);
      }
    } finally {
      await single.close();
    }
  });

  it.each(['small-96x72.png', 'upscaled-100x140.jpg'])('finds the face in %s', async (name) => {
    expect((await pool.analyse(await picture(name), 64, 2)).faces).toHaveLength(1);
  });

  it.each(FACE_MODELS)('runs the %s model and says so', async (model) => {
    const other = await FaceDetectionPool.create({ threads: 1, model });
    try {
      expect(other.description).toMatch(new RegExp(`^mediapipe-0\\..*/${model}/min-score-0.5$`));
      expect((await other.analyse(await picture('portrait-512.png'), 64, 2)).faces).toHaveLength(1);
    } finally {
      await other.close();
    }
  });

  it('finds in a picture larger than the detector is shown the face of the smaller one', async () => {
    const portrait = await picture('portrait-512.png');
    const [small] = (await pool.analyse(copyOf(portrait), 64, 2)).faces;
    const large = repeated(portrait, 9);
    expect(large.width).toBeGreaterThan(4096);
    const { faces } = await pool.analyse(large, 64, 2);
    expect(faces).toHaveLength(1);
    faces[0]!.box.forEach((value, i) => {
      expect(Math.abs(value / 9 - small!.box[i]!)).toBeLessThan(4);
    });
  });

  it.each([
    [40_000, 8],
    [8, 40_000],
    [2, 1],
    [1, 3000],
  ])('takes a picture of %i×%i', async (width, height) => {
    const { faces, crop } = await pool.analyse(grey(width, height), 16, 2);
    expect(faces).toEqual([]);
    expect(crop).toEqual(resizePillow(grey(width, height), 16, 16, 2));
  });

  it('takes a part of a larger buffer and leaves the rest to its owner', async () => {
    const owner = new ArrayBuffer(landscape.data.length + 64);
    const data = Buffer.from(owner, 64);
    data.set(landscape.data);
    const { faces } = await pool.analyse({ ...landscape, data }, 64, 2);
    expect(faces).toHaveLength(1);
    expect(owner.byteLength).toBe(landscape.data.length + 64);
  });

  it('gives the bytes of the picture back as they were, and tells whether a thread is free', async () => {
    expect(pool.hasRoom).toBe(true);
    const running = Array.from({ length: pool.threads }, () => {
      const image = copyOf(landscape);
      return pool.analyse(image, 64, 2).then(({ spent }) => ({ image, spent }));
    });
    expect(pool.hasRoom).toBe(false);
    for (const { image, spent } of await Promise.all(running)) {
      expect(image.data).toHaveLength(0);
      expect(Buffer.compare(spent, landscape.data)).toBe(0);
    }
    expect(pool.hasRoom).toBe(true);
  });

  it('stops when told to, and goes on with others', async () => {
    const before = new AbortController();
    before.abort();
    await expect(pool.analyse(copyOf(landscape), 64, 2, before.signal)).rejects.toThrow(
      expect.objectContaining({ name: 'AbortError' }),
    );

    const during = new AbortController();
    const stopped = Array.from({ length: 6 }, () =>
      pool.analyse(copyOf(landscape), 64, 2, during.signal),
    );
    const goesOn = pool.analyse(copyOf(landscape), 64, 2);
    during.abort(new Error('enough'));
    for (const outcome of await Promise.allSettled(stopped))
      expect(outcome).toMatchObject({ status: 'rejected', reason: { message: 'enough' } });
    expect((await goesOn).faces).toHaveLength(1);
  });

  // An ended thread can take the process with it: a result that nobody waits for any more, an import cut short.
  it('ends no thread for an abort', async () => {
    const started: unknown[] = [];
    const onWorker = (worker: unknown) => started.push(worker);
    process.on('worker', onWorker);
    try {
      const controller = new AbortController();
      const asked = Array.from({ length: 4 }, () =>
        pool.analyse(copyOf(landscape), 64, 2, controller.signal),
      );
      await new Promise(setImmediate);
      controller.abort();
      await Promise.allSettled(asked);
      expect((await pool.analyse(copyOf(landscape), 64, 2)).faces).toHaveLength(1);
      // An ended one would have been replaced.
      expect(started).toHaveLength(0);
    } finally {
      process.off('worker', onWorker);
    }
  });

  it('ends all that was asked for before it closes, and takes nothing after', async () => {
    const closing = await FaceDetectionPool.create({ threads: 2 });
    const asked = Array.from({ length: 12 }, () => closing.analyse(copyOf(landscape), 64, 2));
    const closed = closing.close();
    await expect(closing.analyse(copyOf(landscape), 64, 2)).rejects.toThrow('closed');
    for (const { faces } of await Promise.all(asked)) expect(faces).toHaveLength(1);
    await closed;
    await closing.close();
  });

  it.each([
    [{ threads: 0 }, '1 or more detector threads, got 0'],
    [{ threads: 1.5 }, '1 or more detector threads, got 1.5'],
    [{ threads: 1, minScore: 2 }, 'least face score of 0 to 1, got 2'],
  ])('refuses %j', async (options, message) => {
    await expect(FaceDetectionPool.create(options)).rejects.toThrow(message);
  });

  it('keeps its memory flat over many frames', async () => {
    const run = async (frames: number) => {
      for (let i = 0; i < frames; i += 2)
        await Promise.all([1, 2].map(() => pool.analyse(copyOf(landscape), 64, 2)));
      return process.memoryUsage.rss();
    };
    const warm = await run(200);
    // Kept, these frames would be 1.1 GB.
    expect((await run(1200)) - warm).toBeLessThan(200e6);
  });

  it('says how long a frame of 1280×720 takes', async () => {
    const frame = grey(1280, 720);
    for (const model of FACE_MODELS) {
      const detector = await MediaPipeFaceDetector.create(await prepareDetector(model, 0.5));
      for (let i = 0; i < 10; i++) detector.detect(frame);
      const began = performance.now();
      for (let i = 0; i < 50; i++) detector.detect(frame);
      console.info(`${model}: ${((performance.now() - began) / 50).toFixed(1)} ms a frame`);
      detector.close();
    }
  });
});

describe('a detector', () => {
  it('is lost when it fails, and says at what', async () => {
    const detector = await MediaPipeFaceDetector.create(await prepareDetector('short_range', 0.5));
    // Past the longest side that MediaPipe can take; the pool never shows it one.
    expect(() => detector.detect(grey(32_767, 1))).toThrow(
      'MediaPipe failed on a picture of 32767×1',
    );
    expect(detector.failed).toBe(true);
  });

  it('is not lost to a size that makes no sense', async () => {
    const detector = await MediaPipeFaceDetector.create(await prepareDetector('short_range', 0.5));
    for (const [width, height] of [
      [1.5, 2],
      [0, 0],
      [-1, -1],
    ] as const)
      expect(() =>
        detector.detect({ width, height, channels: 4, data: new Uint8Array(12) }),
      ).toThrow(RangeError);
    expect(detector.failed).toBe(false);
    detector.close();
  });

  it('says when its runtime can not be started', async () => {
    const parts = await prepareDetector('short_range', 0.5);
    await expect(MediaPipeFaceDetector.create({ ...parts, wasm: {} })).rejects.toThrow(TypeError);
  });

  it('prints nothing', async () => {
    const module = (entry: string) =>
      JSON.stringify(
        pathToFileURL(
          workerEntry(new URL('../../libs/faces/crop.ts', import.meta.url).href, entry),
        ),
      );
    const program = `
      import { FaceDetectionPool } from ${module('./detection-pool.js')};
      import { MediaPipeFaceDetector, prepareDetector } from ${module('./mediapipe.js')};
      const pool = await FaceDetectionPool.create({ threads: 2 });
      await pool.close();
      const detector = await MediaPipeFaceDetector.create(await prepareDetector('short_range', 0.5));
      try { detector.detect({ width: 32767, height: 1, data: new Uint8Array(32767 * 4) }); process.exit(3); } catch {}
    `;
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [
      '--input-type=module',
      '--eval',
      program,
    ]);
    expect([stdout, stderr]).toEqual(['', '']);
  });
});
