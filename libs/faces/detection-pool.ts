import { Piscina } from 'piscina';
import type { RgbaImage } from '../media/rgba-image.js';
import type { Resample } from '../model/pillow-resize.js';
import { workerEntry } from '../platform/worker-entry.js';
import type { DetectionTask, FrameFaces } from './detection-thread.js';
import { mediaPipeVersion, prepareDetector, type FaceModel } from './mediapipe.js';

export type { FrameFaces } from './detection-thread.js';

export interface PoolOptions {
  /** Detector threads, 1 or more; each holds 10 to 25 MB of its own, and room for the largest picture it has seen. */
  readonly threads: number;
  readonly model?: FaceModel;
  /** Least score of a face, 0..1. */
  readonly minScore?: number;
}

/** Face detection on worker threads. */
export class FaceDetectionPool {
  readonly #pool: Piscina<DetectionTask, FrameFaces>;
  readonly #underWay = new Set<Promise<FrameFaces>>();
  #closing: Promise<void> | null = null;

  private constructor(
    /** Detector, model and least score, as a result names them. */
    readonly description: string,
    pool: Piscina<DetectionTask, FrameFaces>,
  ) {
    this.#pool = pool;
  }

  /** Resolves once the threads have looked at a picture. @throws RangeError when an option is out of its range */
  static async create({
    threads,
    model = 'full_range_sparse',
    minScore = 0.5,
  }: PoolOptions): Promise<FaceDetectionPool> {
    if (!Number.isInteger(threads) || threads < 1)
      throw new RangeError(`expected 1 or more detector threads, got ${threads}`);
    if (!(minScore >= 0 && minScore <= 1))
      throw new RangeError(`expected a least face score of 0 to 1, got ${minScore}`);
    const pool = new Piscina<DetectionTask, FrameFaces>({
      filename: workerEntry(import.meta.url, './detection-thread.js'),
      minThreads: threads,
      maxThreads: threads,
      idleTimeout: Infinity,
      atomics: 'disabled',
      workerData: await prepareDetector(model, minScore),
    });
    try {
      await warmUp(pool, threads);
    } catch (error) {
      await pool.destroy();
      throw error;
    }
    return new FaceDetectionPool(
      `mediapipe-${mediaPipeVersion()}/${model}/min-score-${minScore}`,
      pool,
    );
  }

  get threads(): number {
    return this.#pool.options.maxThreads;
  }

  /**
   * Finds a picture's faces and cuts out what the model is to see: the largest face with its margin, or the whole picture
   * where there is no face, resized to `size` as Pillow does.
   *
   * @param image given away: its bytes are moved to the thread
   * @param signal rejects with an `AbortError`; a picture that is being looked at costs its thread, which is replaced
   * @throws RangeError when the bytes don't fit the size
   */
  async analyse(
    image: RgbaImage,
    size: number,
    resample: Resample,
    signal?: AbortSignal,
  ): Promise<FrameFaces> {
    if (this.#closing !== null)
      throw new Error('expected an open face detection pool, but it is closed');
    const { buffer, byteLength } = image.data;
    // Of a larger buffer only this part may go. The constructor copies, which Buffer's slice would not.
    const data = byteLength === buffer.byteLength ? image.data : new Uint8Array(image.data);
    const running = this.#pool.run(
      { image: { width: image.width, height: image.height, data }, size, resample },
      { transferList: [data.buffer as ArrayBuffer], signal: signal ?? null },
    );
    this.#underWay.add(running);
    try {
      return await running;
    } finally {
      this.#underWay.delete(running);
    }
  }

  /** Waits for all that was asked for, then ends the threads; takes nothing new meanwhile. */
  close(): Promise<void> {
    this.#closing ??= this.#drain();
    return this.#closing;
  }

  /** Piscina's own close gives up on what is still queued when several threads end their work at different times. */
  async #drain(): Promise<void> {
    await Promise.allSettled(this.#underWay);
    await this.#pool.close();
  }
}

/** Each thread loads its detector and shows that it can answer: the first picture should not wait a second for it. */
async function warmUp(pool: Piscina<DetectionTask, FrameFaces>, threads: number): Promise<void> {
  const blank = () => ({
    image: { width: 64, height: 64, data: new Uint8Array(64 * 64 * 4) },
    size: 32,
    resample: 2 as const,
  });
  await Promise.all(Array.from({ length: threads }, () => pool.run(blank())));
}
