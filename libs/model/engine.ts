import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { Piscina } from 'piscina';
import { workerEntry } from '../platform/worker-entry.js';
import { parseProcessorConfig, parseSiglipConfig } from './config.js';
import { fingerprintOf } from './fingerprint.js';
import type { InferenceTask } from './inference-thread.js';
import { readModelJson } from './json-file.js';
import { fakeProbability, fakeRuleOf, type FakeRule } from './labels.js';
import { ModelError } from './model-error.js';
import { buildSiglipGraph, GRAPH_BUILDER_VERSION } from './onnx/siglip-graph.js';
import type { Resample } from './pillow-resize.js';
import { readTensorEntries } from './safetensors.js';
import type { SessionPlan } from './session.js';
import { checkTensors, siglipTensors } from './siglip-tensors.js';
import type { LocalModel } from './source.js';
import { float32Weights, sha256OfFile } from './weights.js';

/** What really runs. */
export interface ModelDescription {
  readonly id: string;
  /** Commit of the hub repository, or `local`. */
  readonly revision: string;
  readonly architecture: string;
  readonly weightsSha256: string;
  readonly dtype: 'fp32';
  readonly device: 'cpu';
  readonly graphBuilder: string;
  /** Side in pixels of the crops that {@link InferenceEngine.score} takes. */
  readonly inputSize: number;
  readonly resample: Resample;
  readonly imageMean: readonly number[];
  readonly imageStd: readonly number[];
  readonly labels: readonly string[];
  readonly fakeLabel: string;
  readonly fingerprint: string;
  readonly loadMilliseconds: number;
}

export interface EngineOptions {
  /** Worker threads, each with a session of one thread. */
  readonly threads: number;
  /** Folder for weights that had to be widened. */
  readonly cacheDir: string;
  readonly signal?: AbortSignal;
}

export interface Scores {
  /** Fake probability of each crop, 0..1. */
  readonly fakeProbabilities: readonly number[];
  /** Logits of each crop, by label. */
  readonly logits: readonly (readonly number[])[];
}

/** Crops sent to a thread at once: enough to hide the message's cost, few enough to spread over the threads. */
const CROPS_PER_TASK = 4;

/** A loaded model, ready to score. Loading ends only after a forward pass. */
export class InferenceEngine {
  readonly #pool: Piscina<InferenceTask, Float32Array>;
  readonly #rule: FakeRule;

  private constructor(
    readonly description: ModelDescription,
    pool: Piscina<InferenceTask, Float32Array>,
    rule: FakeRule,
  ) {
    this.#pool = pool;
    this.#rule = rule;
  }

  /** @throws ModelError when the checkpoint is broken or of a kind that isn't supported */
  static async load(
    model: LocalModel,
    { threads, cacheDir, signal }: EngineOptions,
  ): Promise<InferenceEngine> {
    const began = performance.now();
    const config = parseSiglipConfig(await readModelJson(model.folder, 'config.json'));
    const processor = parseProcessorConfig(
      await readModelJson(model.folder, 'preprocessor_config.json'),
    );
    if (processor.size !== config.imageSize) {
      throw new ModelError(
        'model_invalid',
        `expected preprocessor_config.json and config.json to agree on the picture's size, got ${processor.size} and ${config.imageSize}`,
      );
    }
    const rule = fakeRuleOf(config.labels);
    // ONNX Runtime refuses links that leave their folder, as those of a hub's cache do.
    const weightsFile = await realpath(path.join(model.folder, 'model.safetensors'));
    const entries = await readTensorEntries(weightsFile);
    const needed = siglipTensors(config);
    const type = checkTensors(needed, entries);
    const weightsSha256 = await sha256OfFile(weightsFile, signal);
    refuseDamage(weightsFile, weightsSha256);
    const weights = await float32Weights(
      { file: weightsFile, sha256: weightsSha256, type },
      needed,
      entries,
      cacheDir,
    );
    const plan: SessionPlan = {
      graph: buildSiglipGraph(config, processor, weights),
      weightsFolder: weights.folder,
      inputSize: config.imageSize,
    };
    signal?.throwIfAborted();
    const pool = new Piscina<InferenceTask, Float32Array>({
      filename: workerEntry(import.meta.url, './inference-thread.js'),
      minThreads: threads,
      maxThreads: threads,
      idleTimeout: Infinity,
      atomics: 'disabled',
      workerData: plan,
    });
    const identity = {
      weightsSha256,
      dtype: 'fp32' as const,
      device: 'cpu' as const,
      graphBuilder: GRAPH_BUILDER_VERSION,
      inputSize: config.imageSize,
      resample: processor.resample,
      imageMean: processor.mean,
      imageStd: processor.std,
      labels: config.labels,
      fakeLabel: rule.label,
    };
    const fingerprint = fingerprintOf({ ...identity, rescaleFactor: processor.rescaleFactor });
    try {
      await warmUp(pool, threads, config.imageSize);
    } catch (cause) {
      await pool.destroy();
      throw new ModelError(
        'model_failed',
        `the model's first forward pass failed: ${messageOf(cause)}`,
        { cause },
      );
    }
    const description: ModelDescription = {
      id: model.id,
      revision: model.revision,
      architecture: config.architecture,
      ...identity,
      fingerprint,
      loadMilliseconds: Math.round(performance.now() - began),
    };
    return new InferenceEngine(description, pool, rule);
  }

  /**
   * Scores crops; a crop's score does not depend on the others.
   *
   * @param crops RGB, `count × inputSize × inputSize × 3` bytes
   * @param options.onProgress told the number of crops done
   * @throws RangeError when the bytes don't fit; the signal's reason once aborted; ModelError when the model gives NaN
   */
  async score(
    crops: Uint8Array,
    count: number,
    options: { readonly signal?: AbortSignal; readonly onProgress?: (done: number) => void } = {},
  ): Promise<Scores> {
    const { inputSize, labels } = this.description;
    const stride = inputSize * inputSize * 3;
    if (count < 1 || crops.length !== count * stride) {
      throw new RangeError(
        `expected ${count} crops (at least 1) of ${stride} bytes, got ${crops.length} bytes`,
      );
    }
    const logits: number[][] = Array.from({ length: count });
    let next = 0;
    let done = 0;
    const lane = async (): Promise<void> => {
      while (next < count) {
        options.signal?.throwIfAborted();
        const from = next;
        const size = Math.min(CROPS_PER_TASK, count - from);
        next += size;
        const rows = await this.#runTask({
          pixels: crops.slice(from * stride, (from + size) * stride),
          count: size,
        });
        for (let i = 0; i < size; i += 1) {
          logits[from + i] = finite(
            rows.subarray(i * labels.length, (i + 1) * labels.length),
            from + i,
          );
        }
        done += size;
        options.onProgress?.(done);
      }
    };
    await Promise.all(Array.from({ length: this.#pool.options.maxThreads }, lane));
    return { logits, fakeProbabilities: logits.map((row) => fakeProbability(row, this.#rule)) };
  }

  /** Waits for what is running, then ends the threads: ending one within a forward pass would abort the process. */
  async close(): Promise<void> {
    await this.#pool.close();
  }

  /** A thread that dies is replaced by the pool; its task is tried once more. */
  async #runTask(task: InferenceTask): Promise<Float32Array> {
    try {
      return await this.#pool.run(task);
    } catch {
      return await this.#pool.run(task);
    }
  }
}

/** Each thread builds its session and shows that it can answer. */
async function warmUp(
  pool: Piscina<InferenceTask, Float32Array>,
  threads: number,
  size: number,
): Promise<void> {
  const blank = () => ({ pixels: new Uint8Array(size * size * 3), count: 1 });
  const answers = await Promise.all(Array.from({ length: threads }, () => pool.run(blank())));
  answers.forEach(finite);
}

/** A hub's cache names a file by its hash, so that damage shows. */
function refuseDamage(weightsFile: string, sha256: string): void {
  const expected = path.basename(weightsFile);
  if (!/^[0-9a-f]{64}$/.test(expected) || expected === sha256) return;
  throw new ModelError(
    'model_invalid',
    `expected the SHA-256 of model.safetensors to be ${expected}, got ${sha256}: delete it from the model cache and start again`,
  );
}

function finite(row: Float32Array, index: number): number[] {
  const values = Array.from(row);
  if (values.every((value) => Number.isFinite(value))) return values;
  throw new ModelError(
    'model_failed',
    `expected finite logits for crop ${index}, got ${values.join(', ')}`,
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
