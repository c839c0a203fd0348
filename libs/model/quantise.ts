/** A weight matrix as one or two sums of 8-bit whole numbers times a scale for each row of the matrix. */
export interface QuantisedMatrix {
  /** `[inputs, outputs]`, −127..127: the transpose of the checkpoint's `[outputs, inputs]`. */
  readonly values: Int8Array;
  /** `[outputs]`. */
  readonly scales: Float32Array;
  /** What rounding to `values` lost, in the same form, 254 times finer. */
  readonly restValues: Int8Array;
  readonly restScales: Float32Array;
}

/** Adding and subtracting it leaves a float64 rounded to a whole number, ties to even. */
const TO_WHOLE = 1.5 * 2 ** 52;
const MOST = 127;
/** A rest is at most half a step, so that 127 finer steps reach it. */
const FINER = 2 * MOST;

/**
 * Rounds each output's weights to 8 bits, and what that lost to 8 bits again: 16 bits in two products that 8-bit hardware
 * computes. Symmetric, by the row's largest magnitude; all steps in float32.
 *
 * @param weights `[outputs, inputs]`
 */
export function quantise(weights: Float32Array, outputs: number, inputs: number): QuantisedMatrix {
  const values = new Int8Array(weights.length);
  const restValues = new Int8Array(weights.length);
  const scales = new Float32Array(outputs);
  const restScales = new Float32Array(outputs);
  for (let n = 0; n < outputs; n += 1) {
    const row = weights.subarray(n * inputs, (n + 1) * inputs);
    const most = row.reduce((largest, weight) => Math.max(largest, Math.abs(weight)), 0);
    // A row of zeros has no scale of its own; any will do.
    const scale = most === 0 ? 1 : Math.fround(most / MOST);
    const restScale = Math.fround(scale / FINER);
    scales[n] = scale;
    restScales[n] = restScale;
    for (let k = 0; k < inputs; k += 1) {
      const weight = row[k] as number;
      const value = toStep(Math.fround(weight / scale));
      const rest = Math.fround(weight - Math.fround(value * scale));
      values[k * outputs + n] = value;
      restValues[k * outputs + n] = toStep(Math.fround(rest / restScale));
    }
  }
  return { values, scales, restValues, restScales };
}

function toStep(value: number): number {
  return Math.max(-MOST, Math.min(MOST, value + TO_WHOLE - TO_WHOLE));
}
