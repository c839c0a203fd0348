import { isDeepStrictEqual } from 'node:util';
import { accuracyOf, type Accuracy, type GatePolicy } from './accuracy-gate.js';
import { deviceError } from './device-error.js';
import { fingerprintOf } from './fingerprint.js';
import { InferencePool } from './inference-pool.js';
import { fakeProbability, type FakeRule } from './labels.js';
import { loadOnnxRepository } from './load-onnx-repository.js';
import { loadSafetensors, type LoadOptions } from './load-safetensors.js';
import type { LoadedModel } from './loaded-model.js';
import { filesIn, ONNX_GRAPH } from './model-files.js';
import { ModelError } from './model-error.js';
import type { AnySessionPlan } from './open-session.js';
import { PackedFiles } from './packed-files.js';
import type { Resample } from './pillow-resize.js';
import type { Device, Dtype } from './precision.js';
import { packedPlan } from './session.js';
import type { LocalModel } from './source.js';

/** What really runs. */
export interface ModelDescription {
  readonly id: string;
  /** Commit of the hub repository, or `local`. */
  readonly revision: string;
  readonly architecture: string;
  readonly weightsSha256: string;
  readonly dtype: Dtype;
  readonly device: Device;
  readonly graphBuilder: string;
  /** Side in pixels of the crops that {@link InferenceEngine.score} takes. */
  readonly inputSize: number;
  readonly resample: Resample;
  readonly rescaleFactor: number;
  readonly imageMean: readonly number[];
  readonly imageStd: readonly number[];
  readonly labels: readonly string[];
  readonly fakeLabel: string;
  /** How that label tells the fake probability, and why it is that one. */
  readonly fakeRule: FakeRule;
  readonly fingerprint: string;
  /** How far a lower precision's answers are from fp32's, as measured when it was loaded; null for fp32 itself. */
  readonly accuracy: Accuracy | null;
  readonly loadMilliseconds: number;
}

export interface EngineOptions extends Partial<Omit<LoadOptions, 'cacheDir' | 'onNotice'>> {
  /** Worker threads, each with a session of one thread; a GPU has one session whatever is said here. */
  readonly threads: number;
  /** Folder for what is made of a model when it is loaded: weights in another precision, measured accuracy. */
  readonly cacheDir: string;
  /** What to do when a lower precision is off by more than its bound; `refuse` unless given. */
  readonly gate?: GatePolicy;
  /** Told of what an operator should know. */
  readonly onNotice?: (notice: string) => void;
}

export interface Scores {
  /** Fake probability of each crop, 0..1. */
  readonly fakeProbabilities: readonly number[];
  /** Logits of each crop, by label. */
  readonly logits: readonly (readonly number[])[];
}

/** On CPUs each run takes one crop: larger ones are slower by the crop. Enough crops a task to hide the message's cost. */
const CPU_CROPS_PER_TASK = 4;
/** A GPU is idle with less; with more, a single picture waits for blank ones. */
const GPU_BATCH = 8;

/** A loaded model, ready to score. Loading ends only after a forward pass. */
export class InferenceEngine {
  private constructor(
    readonly description: ModelDescription,
    private readonly pool: InferencePool,
    private readonly rule: FakeRule,
  ) {}

  /**
   * @throws ModelError when the checkpoint is broken or of a kind that isn't supported, the device isn't there, or a
   * lower precision is off by more than its bound
   */
  static async load(model: LocalModel, options: EngineOptions): Promise<InferenceEngine> {
    const began = performance.now();
    const { dtype = 'fp32', device = 'cpu', fakeLabel = null, cacheDir, signal } = options;
    const { onNotice = () => undefined, gate = 'refuse', threads } = options;
    const loading = { dtype, device, fakeLabel, cacheDir, onNotice, ...(signal ? { signal } : {}) };
    const loaded = await loadModel(model, loading);
    const identity = identityOf(loaded, dtype, device);
    const fingerprint = fingerprintOf(identity);
    signal?.throwIfAborted();
    const starting = { device, threads, onNotice, cacheDir };
    const pool = await start(loaded, fingerprint, { ...starting, mayPack: true });
    try {
      const accuracy = await accuracyOf({
        dtype,
        gate,
        fingerprint,
        cacheDir,
        inputSize: identity.inputSize,
        rule: loaded.rule,
        pool,
        reference: async () => {
          const exact = await loadModel(model, { ...loading, dtype: 'fp32' });
          const itsFingerprint = fingerprintOf(identityOf(exact, 'fp32', device));
          // Used once: not worth the disk's space.
          return start(exact, itsFingerprint, { ...starting, mayPack: false });
        },
        onNotice,
      });
      const description: ModelDescription = {
        id: model.id,
        revision: model.revision,
        architecture: loaded.architecture,
        ...identity,
        fakeRule: loaded.rule,
        fingerprint,
        accuracy,
        loadMilliseconds: Math.round(performance.now() - began),
      };
      return new InferenceEngine(description, pool, loaded.rule);
    } catch (error) {
      await pool.close();
      throw error;
    }
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
    const stride = this.description.inputSize ** 2 * 3;
    if (count < 1 || crops.length !== count * stride) {
      throw new RangeError(
        `expected ${count} crops (at least 1) of ${stride} bytes, got ${crops.length} bytes`,
      );
    }
    const take = (index: number) => crops.subarray(index * stride, (index + 1) * stride);
    const rows = await this.pool.score(count, take, options);
    return {
      logits: rows.map((row) => Array.from(row)),
      fakeProbabilities: rows.map((row) => fakeProbability(row, this.rule)),
    };
  }

  /** Waits for what is running, then ends the threads. */
  async close(): Promise<void> {
    await this.pool.close();
  }
}

async function loadModel(model: LocalModel, options: LoadOptions): Promise<LoadedModel> {
  const { weights } = await filesIn(model.folder);
  if (weights.includes(ONNX_GRAPH)) return loadOnnxRepository(model.folder, weights, options);
  return loadSafetensors(model.folder, weights, options);
}

function identityOf(
  { processor, labels, rule, ...loaded }: LoadedModel,
  dtype: Dtype,
  device: Device,
) {
  return {
    weightsSha256: loaded.weightsSha256,
    dtype,
    device,
    graphBuilder: loaded.graphBuilder,
    inputSize: processor.size,
    resample: processor.resample,
    rescaleFactor: processor.rescaleFactor,
    imageMean: processor.mean,
    imageStd: processor.std,
    labels,
    fakeLabel: rule.label,
  };
}

interface Starting {
  readonly device: Device;
  readonly threads: number;
  readonly cacheDir: string;
  readonly onNotice: (notice: string) => void;
  /** Whether packed weights are made where there are none yet. */
  readonly mayPack: boolean;
}

/** Sessions that have answered, over packed weights where they can be. @throws ModelError as {@link startPool} */
async function start(
  loaded: LoadedModel,
  fingerprint: string,
  options: Starting,
): Promise<InferencePool> {
  const { packable } = loaded;
  if (packable === null) return startPool(loaded, await loaded.plan(), options);
  const files = await PackedFiles.of(fingerprint, options.cacheDir);
  const known = await files.open();
  if (known !== null) {
    try {
      return await startPool(loaded, packedPlan(packable, known.folder), options, known.answer);
    } catch (error) {
      options.onNotice(`${known.folder} is damaged and is made anew: ${messageOf(error)}`);
      await files.remove();
    }
  }
  const plan = await loaded.plan();
  if (!options.mayPack || plan.kind !== 'graph') return startPool(loaded, plan, options);
  try {
    const { folder, answer } = await files.make(plan);
    return await startPool(loaded, packedPlan(packable, folder), options, answer);
  } catch (error) {
    options.onNotice(
      `The weights could not be kept as this processor reads them, which costs speed or memory: ${messageOf(error)}`,
    );
    return startPool(loaded, plan, options);
  }
}

/**
 * Sessions that have answered.
 * @param expected their answer to the warm-up picture, where it is known
 * @throws ModelError when they don't come about, can't answer or give another answer
 */
async function startPool(
  { labels, processor }: LoadedModel,
  plan: AnySessionPlan,
  { device, threads, onNotice }: Starting,
  expected: readonly number[] | null = null,
): Promise<InferencePool> {
  const isCpu = device === 'cpu';
  const pool = new InferencePool(plan, labels.length, {
    threads: isCpu ? threads : 1,
    batch: isCpu ? 1 : GPU_BATCH,
    cropsPerTask: isCpu ? CPU_CROPS_PER_TASK : GPU_BATCH,
    onNotice,
  });
  try {
    for (const logits of await pool.warmUp(processor.size)) {
      if (expected !== null && !isDeepStrictEqual(logits, expected))
        throw new Error(`expected the answer ${expected.join(', ')}, got ${logits.join(', ')}`);
    }
    return pool;
  } catch (cause) {
    await pool.close();
    throw (
      deviceError(device, cause) ??
      refusal(cause) ??
      new ModelError('model_failed', `the model's first forward pass failed: ${messageOf(cause)}`, {
        cause,
      })
    );
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What a session says of the model itself; null for a pass that failed. */
function refusal(cause: unknown): ModelError | null {
  return cause instanceof ModelError && cause.code !== 'model_failed' ? cause : null;
}
