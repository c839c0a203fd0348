import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { InferencePool } from './inference-pool.js';
import { isObject } from './json-file.js';
import { fakeProbability, type FakeRule } from './labels.js';
import { ModelError } from './model-error.js';
import type { Dtype } from './precision.js';
import { PROBE_PICTURES, probePicture } from './probe-pictures.js';

/** What to do when a lower precision is off by more than its bound. */
export type GatePolicy = 'refuse' | 'warn';

/** How far the fake probabilities are from fp32's over the probe pictures. */
export interface Accuracy {
  readonly pictures: number;
  /** Largest difference, 0..1. */
  readonly maxDifference: number;
  readonly meanDifference: number;
  /** The largest difference that is accepted. */
  readonly bound: number;
}

/** The largest accepted difference in the fake probability. */
export const ACCURACY_BOUNDS: Readonly<Record<Exclude<Dtype, 'fp32'>, number>> = {
  fp16: 0.005,
  int8: 0.01,
  'int8-fast': 0.1,
};

interface Gate {
  readonly dtype: Dtype;
  readonly gate: GatePolicy;
  readonly fingerprint: string;
  readonly cacheDir: string;
  readonly inputSize: number;
  readonly rule: FakeRule;
  readonly pool: InferencePool;
  /** The same model in fp32; made only when there is no measurement yet, and closed after it. */
  readonly reference: () => Promise<InferencePool>;
  readonly onNotice: (notice: string) => void;
}

/**
 * Measures a lower precision against fp32, once for each fingerprint: the measurement is kept beside the weights.
 * @throws ModelError `model_inaccurate` when it is off by more than the bound and the policy is to refuse
 */
export async function accuracyOf(gate: Gate): Promise<Accuracy | null> {
  const { dtype, fingerprint, cacheDir, onNotice } = gate;
  if (dtype === 'fp32') return null;
  const file = path.join(cacheDir, `accuracy-${fingerprint}.json`);
  const measured = (await read(file)) ?? (await measure(gate));
  await write(file, measured);
  const bound = ACCURACY_BOUNDS[dtype];
  const accuracy = { ...measured, bound };
  if (accuracy.maxDifference <= bound) return accuracy;
  const finding =
    `MODEL_DTYPE=${dtype} gives fake probabilities that differ from fp32's by up to ${accuracy.maxDifference.toFixed(4)} ` +
    `over ${accuracy.pictures} pictures, more than ${bound}`;
  if (gate.gate === 'refuse') {
    throw new ModelError(
      'model_inaccurate',
      `${finding}. Use MODEL_DTYPE=fp32, or accept it with MODEL_ACCURACY_GATE=warn.`,
    );
  }
  onNotice(`${finding}; going on, as MODEL_ACCURACY_GATE=warn says.`);
  return accuracy;
}

type Measured = Omit<Accuracy, 'bound'>;

async function measure({ pool, reference, inputSize, rule }: Gate): Promise<Measured> {
  const answers = async (of: InferencePool) =>
    (await of.score(PROBE_PICTURES, (index) => probePicture(index, inputSize), {})).map((row) =>
      fakeProbability(row, rule),
    );
  const low = await answers(pool);
  const exact = await reference();
  try {
    const high = await answers(exact);
    const differences = low.map((p, i) => Math.abs(p - (high[i] ?? NaN)));
    return {
      pictures: PROBE_PICTURES,
      maxDifference: Math.max(...differences),
      meanDifference: differences.reduce((sum, d) => sum + d, 0) / differences.length,
    };
  } finally {
    await exact.close();
  }
}

async function read(file: string): Promise<Measured | null> {
  try {
    const json: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (
      isObject(json) &&
      json.pictures === PROBE_PICTURES &&
      typeof json.maxDifference === 'number' &&
      typeof json.meanDifference === 'number'
    ) {
      const { pictures, maxDifference, meanDifference } = json as unknown as Measured;
      return { pictures, maxDifference, meanDifference };
    }
  } catch {
    // Not measured yet, or not readable: measured again.
  }
  return null;
}

async function write(file: string, measured: Measured): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  const temporary = `${file}.${randomUUID()}`;
  await writeFile(temporary, `${JSON.stringify(measured)}\n`);
  await rename(temporary, file);
}
