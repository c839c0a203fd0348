import { Piscina } from 'piscina';
import type { RgbaImage } from '../media/rgba-image.js';
import type { Resample } from '../model/pillow-resize.js';
import { workerEntry } from '../platform/worker-entry.js';
import type { DetectionTask, FrameFaces } from './detection-thread.js';
import { mediaPipeVersion, prepareDetector, type FaceModel } from './mediapipe.js';

export type { FrameFaces } from './detection-thread.js';

export interface PoolOptions {
  /** Detector threads; each holds 10 to 25 MB of its own. */
  readonly threads: number;
  readonly model?: FaceModel;
  /** Least score of a face, 0..1. */
  readonly minScore?: number;
}

/** Face detection on worker threads. */
export class FaceDetectionPool {
  readonly #pool: Piscina<DetectionTask, FrameFaces>;

  private constructor(
    /** Detector, model and least score, as a result names them. */
    readonly description: string,
    pool: Piscina<DetectionTask, FrameFaces>,
  ) {
    this.#pool = pool;
  }

  static async create({
    threads,
    model = 'full_range_sparse',
    minScore = 0.5,
  }: PoolOptions): Promise<FaceDetectionPool> {
    const pool = new Piscina<DetectionTask, FrameFaces>({
      filename: workerEntry(import.meta.url, './detection-thread.js'),
      minThreads: threads,
      maxThreads: threads,
      idleTimeout: Infinity,
      atomics: 'disabled',
      workerData: await prepareDetector(model, minScore),
    });
    await warmUp(pool, threads);
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
   */
  async analyse(
    image: RgbaImage,
    size: number,
    resample: Resample,
    signal?: AbortSignal,
  ): Promise<FrameFaces> {
    const data =
      image.data.byteLength === image.data.buffer.byteLength ? image.data : image.data.slice();
    return this.#pool.run(
      { image: { width: image.width, height: image.height, data }, size, resample },
      { transferList: [data.buffer as ArrayBuffer], signal: signal ?? null },
    );
  }

  /** Waits for what is running, then ends the threads. */
  async close(): Promise<void> {
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
