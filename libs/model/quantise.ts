/** A weight matrix as two sums of 8-bit whole numbers times a scale for each row of the matrix. */
export interface QuantisedMatrix {
  /** `[inputs, outputs]`, −127..127: the transpose of the checkpoint's `[outputs, inputs]`. */
  readonly values: Int8Array;
  /** `[outputs]`. */
  readonly scales: Float32Array;
  /** What rounding to `values` lost, in the same form. */
  readonly restValues: Int8Array;
  readonly restScales: Float32Array;
}

/** Names of a matrix's parts, in a file of weights, after the name of its layer. */
export const QUANTISED = {
  values: '.weight.int8',
  scales: '.weight.int8_scale',
  restValues: '.weight.rest_int8',
  restScales: '.weight.rest_int8_scale',
} as const;

/** `[outputs, inputs]`. */
export interface WeightMatrix {
  readonly weights: Float32Array;
  readonly outputs: number;
  readonly inputs: number;
}

/** Adding and subtracting it leaves a float64 rounded to a whole number, ties to even. */
const TO_WHOLE = 1.5 * 2 ** 52;
const MOST = 127;

/** A step of each row, so that its largest weight is {@link MOST} steps. */
export function scalesOf({ weights, outputs, inputs }: WeightMatrix): Float32Array {
  return Float32Array.from({ length: outputs }, (_, n) =>
    scaleOf(weights.subarray(n * inputs, (n + 1) * inputs)),
  );
}

/** Each weight to the nearest of its row's steps. @returns `[outputs, inputs]` */
export function nearestSteps(
  { weights, outputs, inputs }: WeightMatrix,
  scales: Float32Array,
): Int8Array {
  const steps = new Int8Array(weights.length);
  for (let n = 0; n < outputs; n += 1) {
    const scale = scales[n] as number;
    for (let i = n * inputs; i < (n + 1) * inputs; i += 1)
      steps[i] = toStep(Math.fround((weights[i] as number) / scale));
  }
  return steps;
}

/**
 * With what the rounding lost, rounded to 8 bits again: 16 bits in two products that 8-bit hardware computes. Symmetric, by
 * the row's largest magnitude; all steps in float32.
 * @param steps `[outputs, inputs]`, of `scales`
 */
export function withRest(
  { weights, outputs, inputs }: WeightMatrix,
  scales: Float32Array,
  steps: Int8Array,
): QuantisedMatrix {
  const values = new Int8Array(weights.length);
  const restValues = new Int8Array(weights.length);
  const restScales = new Float32Array(outputs);
  const rest = new Float32Array(inputs);
  for (let n = 0; n < outputs; n += 1) {
    const scale = scales[n] as number;
    for (let k = 0; k < inputs; k += 1) {
      const step = steps[n * inputs + k] as number;
      values[k * outputs + n] = step;
      rest[k] = Math.fround((weights[n * inputs + k] as number) - Math.fround(step * scale));
    }
    const restScale = scaleOf(rest);
    restScales[n] = restScale;
    for (let k = 0; k < inputs; k += 1)
      restValues[k * outputs + n] = toStep(Math.fround((rest[k] as number) / restScale));
  }
  return { values, scales, restValues, restScales };
}

/** Nearest of −127..127. */
export function toStep(value: number): number {
  return Math.max(-MOST, Math.min(MOST, value + TO_WHOLE - TO_WHOLE));
}

function scaleOf(row: Float32Array): number {
  let most = 0;
  for (const value of row) most = Math.max(most, Math.abs(value));
  const scale = Math.fround(most / MOST);
  // A row of zeros has no scale of its own; any will do.
  return scale === 0 ? 1 : scale;
}
