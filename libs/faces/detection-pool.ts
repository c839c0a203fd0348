import { Piscina } from 'piscina';
import type { RasterImage } from '../media/raster-image.js';
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
  readonly #underWay = new Set<Promise<unknown>>();
  #closing: Promise<void> | null = null;

  private constructor(
    /** Detector, model and least score, as a result names them. */
    readonly description: string,
    pool: Piscina<DetectionTask, FrameFaces>,
  ) {
    this.#pool = pool;
  }

  /** Resolves once every thread has looked at a picture. @throws RangeError when an option is out of its range */
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
      await warmUp(pool);
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

  /** Whether a thread has nothing to do. */
  get hasRoom(): boolean {
    return this.#underWay.size < this.threads;
  }

  /**
   * Finds a picture's faces and cuts out what the model is to see: the largest face with its margin, or the whole picture
   * where there is no face, resized to `size` as Pillow does.
   *
   * @param image given away: its bytes are moved to the thread, and come back as `spent`
   * @param signal rejects at once with its reason
   * @throws RangeError when the bytes don't fit the size
   */
  async analyse(
    image: RasterImage,
    size: number,
    resample: Resample,
    signal?: AbortSignal,
  ): Promise<FrameFaces> {
    signal?.throwIfAborted();
    if (this.#closing !== null)
      throw new Error('expected an open face detection pool, but it is closed');
    const { width, height, channels } = image;
    const { buffer, byteLength } = image.data;
    // Of a larger buffer only this part may go. The constructor copies, which Buffer's slice would not.
    const data = byteLength === buffer.byteLength ? image.data : new Uint8Array(image.data);
    const running = this.#pool.run(
      { image: { width, height, channels, data }, size, resample },
      { transferList: [data.buffer as ArrayBuffer] },
    );
    this.#remember(running);
    return signal === undefined ? running : unlessAborted(running, signal);
  }

  #remember(running: Promise<unknown>): void {
    const forget = () => {
      this.#underWay.delete(ended);
    };
    const ended: Promise<void> = running.then(forget, forget);
    this.#underWay.add(ended);
  }

  /** Waits for all that was asked for, then ends the threads; takes nothing new meanwhile. */
  close(): Promise<void> {
    this.#closing ??= this.#drain();
    return this.#closing;
  }

  /** Piscina's own close gives up on what is still queued when several threads end their work at different times. */
  async #drain(): Promise<void> {
    await Promise.all(this.#underWay);
    await this.#pool.close();
  }
}

/**
 * Each thread loads its detector and shows that it can answer: the first picture should not wait a second for it, and a
 * thread that is ended while it still loads takes Node 20 down with it.
 */
async function warmUp(pool: Piscina): Promise<void> {
  const warm = new Set<unknown>();
  while (warm.size < pool.threads.length) {
    const round = pool.threads.map((): Promise<unknown> => pool.run(null, { name: 'warmUp' }));
    // All of them, so that none is still loading when a failure ends the pool.
    for (const outcome of await Promise.allSettled(round)) {
      if (outcome.status === 'rejected') throw outcome.reason;
      warm.add(outcome.value);
    }
  }
}

/**
 * The work itself goes on. Piscina's own way ends the thread, which is dear for ten milliseconds of work and not safe: a
 * result that is already on its way brings the process down, as does a thread that is still loading.
 */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', abort, { once: true });
    void work.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', abort);
    });
  });
}
