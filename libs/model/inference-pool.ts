import { Piscina } from 'piscina';
import { turnOffRuntimeTelemetry } from '../platform/config/runtime-telemetry.js';
import { workerEntry } from '../platform/worker-entry.js';
import { CropQueue, type QueuedCrop } from './crop-queue.js';
import type {
  InferenceAnswer,
  InferenceFailure,
  InferenceTask,
  ThreadPlan,
} from './inference-thread.js';
import { ModelError } from './model-error.js';
import { PixelSlots } from './pixel-slots.js';
import { warmUpPicture } from './probe-pictures.js';

export interface PoolOptions {
  /** Worker threads, each with a session of its own. */
  readonly threads: number;
  /** Crops a session takes in one run. */
  readonly batch: number;
  /** Crops handed to a thread at once, a multiple of `batch`. */
  readonly cropsPerTask: number;
  /** Told of what an operator should know, such as a batch that did not fit the device's memory. */
  readonly onNotice: (notice: string) => void;
}

/** Attempts at a task: a thread may die under one, by no fault of the task's. */
const ATTEMPTS = 2;

/** Sessions in worker threads that score crops from one queue. */
export class InferencePool {
  readonly #threads: Piscina<InferenceTask, InferenceAnswer | InferenceFailure>;
  readonly #queue = new CropQueue();
  readonly #slots: PixelSlots;
  readonly #labels: number;
  readonly #options: PoolOptions;
  #busy = 0;
  #closed: Promise<void> | null = null;
  #onIdle: () => void = () => undefined;

  constructor(plan: ThreadPlan['session'], labels: number, options: PoolOptions) {
    turnOffRuntimeTelemetry();
    const workerData: ThreadPlan = { session: plan, batch: options.batch };
    this.#labels = labels;
    this.#options = options;
    this.#slots = new PixelSlots(options.cropsPerTask);
    this.#threads = new Piscina<InferenceTask, InferenceAnswer | InferenceFailure>({
      filename: workerEntry(import.meta.url, './inference-thread.js'),
      minThreads: options.threads,
      maxThreads: options.threads,
      idleTimeout: Infinity,
      atomics: 'disabled',
      // For ever, as far as timers go: what is running is waited for, see {@link close}.
      closeTimeout: 2 ** 31 - 1,
      workerData,
    });
    this.#threads.on('error', (error: Error) => this.#onThreadLost(error));
  }

  /**
   * Each thread makes its session and shows that it can answer.
   * @returns the logits of {@link warmUpPicture} @throws what the session or its first run threw
   */
  async warmUp(inputSize: number): Promise<readonly (readonly number[])[]> {
    const pictures = [warmUpPicture(inputSize)];
    const answers = await Promise.all(
      Array.from({ length: this.#options.threads }, () => this.#run(pictures)),
    );
    return answers.map(({ logits }) => Array.from(finite(logits)));
  }

  /**
   * Logits of each crop, in their order.
   * @param take the crop at an index, as bytes of its own
   * @throws the signal's reason once aborted; ModelError when the model gives NaN; Error after {@link close}
   */
  async score(
    count: number,
    take: (index: number) => Uint8Array,
    {
      signal,
      onProgress,
    }: { readonly signal?: AbortSignal; readonly onProgress?: (done: number) => void },
  ): Promise<readonly Float32Array[]> {
    signal?.throwIfAborted();
    if (this.#closed !== null) throw new Error('expected a model that is not closed');
    return new Promise((resolve, reject) => {
      const rows: Float32Array[] = Array.from({ length: count });
      let done = 0;
      let isOver = false;
      const end = (settle: () => void) => {
        if (isOver) return;
        isOver = true;
        withdraw();
        signal?.removeEventListener('abort', onAbort);
        settle();
      };
      const fail = (error: Error) => end(() => reject(error));
      const onAbort = () => fail(signal?.reason as Error);
      const withdraw = this.#queue.add(
        count,
        take,
        (index, logits) => {
          if (isOver) return;
          rows[index] = logits;
          done += 1;
          onProgress?.(done);
          if (done === count) end(() => resolve(rows));
        },
        fail,
      );
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#pump();
    });
  }

  /**
   * Takes no more calls, waits for those that it has taken, then ends the threads: ending one within a forward pass would
   * abort the process.
   */
  close(): Promise<void> {
    this.#closed ??= new Promise<void>((resolve) => {
      this.#onIdle = resolve;
      this.#pump();
    }).then(() => this.#threads.close());
    return this.#closed;
  }

  /** As many tasks as threads; the rest waits in the queue, where its order can still change. */
  #pump(): void {
    const { threads, cropsPerTask } = this.#options;
    while (this.#busy < threads && this.#queue.length > 0) {
      this.#busy += 1;
      // No thread shall be idle while another one has several.
      const share = Math.ceil(this.#queue.length / threads);
      void this.#runBatch(this.#queue.takeBatch(Math.min(cropsPerTask, share))).finally(() => {
        this.#busy -= 1;
        this.#pump();
      });
    }
    if (this.#busy === 0) this.#onIdle();
  }

  async #runBatch(crops: readonly QueuedCrop[]): Promise<void> {
    try {
      const { logits, notice } = await this.#attempt(crops);
      if (notice !== null) this.#options.onNotice(notice);
      crops.forEach((crop, i) => {
        const row = logits.subarray(i * this.#labels, (i + 1) * this.#labels);
        try {
          crop.done(finite(row));
        } catch (error) {
          crop.fail(error as Error);
        }
      });
    } catch (error) {
      for (const crop of crops) crop.fail(error as Error);
    }
  }

  /** A thread that dies is replaced by the pool. What the model itself says is final. */
  async #attempt(crops: readonly QueuedCrop[]): Promise<InferenceAnswer> {
    const pictures = crops.map(({ pixels }) => pixels);
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#run(pictures);
      } catch (error) {
        if (attempt === ATTEMPTS || !(error instanceof ThreadDeath)) throw error;
        this.#options.onNotice(`${error.message}: scoring ${crops.length} crops again.`);
      }
    }
  }

  async #run(pictures: readonly Uint8Array[]): Promise<InferenceAnswer> {
    const answer = await this.#slots
      .lend(pictures, (pixels) => this.#threads.run({ pixels, count: pictures.length }))
      .catch((cause: unknown) => {
        throw new ThreadDeath(cause);
      });
    if (!('failure' in answer)) return answer;
    const { code, message } = answer.failure;
    throw code === null ? new Error(message) : new ModelError(code, message);
  }

  /** A thread died that had no task to tell it by. */
  #onThreadLost(cause: Error): void {
    this.#options.onNotice(new ThreadDeath(cause).message);
    // Without any, nobody would ever be answered; whoever runs this process starts it again.
    if (this.#busy > 0 && this.#threads.threads.length === 0) throw cause;
  }
}

/** A thread ended without an answer to its task. */
class ThreadDeath extends Error {
  constructor(cause: unknown) {
    const words = cause instanceof Error ? cause.message : String(cause);
    super(`An inference thread died (${words})`, { cause });
  }
}

function finite(row: Float32Array): Float32Array {
  if (row.every((value) => Number.isFinite(value))) return row;
  throw new ModelError(
    'model_failed',
    `expected finite logits from the model, got ${row.join(', ')}`,
  );
}
