import { describe, expect, it } from 'vitest';
import { nearestSteps, scalesOf } from '../quantise.js';
import { errorFeedback } from './error-feedback.js';
import { fedBackSteps } from './fed-back-steps.js';
import type { MatrixProduct } from './matrix-product.js';

const product: MatrixProduct = (a, b) => {
  const data = new Float32Array(a.rows * b.columns);
  for (let i = 0; i < a.rows; i += 1) {
    for (let j = 0; j < b.columns; j += 1) {
      let sum = 0;
      for (let k = 0; k < a.columns; k += 1)
        sum += a.data[i * a.columns + k]! * b.data[k * b.columns + j]!;
      data[i * b.columns + j] = sum;
    }
  }
  return Promise.resolve(data);
};

/** More than a block of inputs that have a few causes in common, and the same rows by which they are known. */
function correlated(inputs: number) {
  let state = 1;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 31 - 1;
  };
  const causes = Array.from({ length: 5 }, () => Float64Array.from({ length: inputs }, random));
  const moments = new Float32Array(inputs * inputs);
  for (let seen = 0; seen < 300; seen += 1) {
    const row = Float64Array.from({ length: inputs }, () => 0.2 * random());
    for (const cause of causes) {
      const strength = random();
      cause.forEach((value, i) => (row[i]! += strength * value));
    }
    for (let i = 0; i < inputs; i += 1)
      for (let j = 0; j < inputs; j += 1) moments[i * inputs + j]! += row[i]! * row[j]!;
  }
  const outputs = 6;
  const weights = Float32Array.from({ length: outputs * inputs }, random);
  return { moments, matrix: { weights, outputs, inputs } };
}

const INPUTS = 300;

describe('errorFeedback', () => {
  it('gives factors of the moments, with one percent added to each power', async () => {
    const { moments } = correlated(INPUTS);
    const { order, lower } = (await errorFeedback(moments, INPUTS, product))!;
    const mean =
      moments.reduce((sum, m, i) => (i % (INPUTS + 1) === 0 ? sum + m : sum), 0) / INPUTS;
    const given = (row: number, column: number) =>
      moments[order[row]! * INPUTS + order[column]!]! + (row === column ? 0.01 * mean : 0);
    // D from the first column on: what L · D · Lᵀ has to make up to the moments.
    const d: number[] = [];
    for (let k = 0; k < INPUTS; k += 1) {
      let value = given(k, k);
      for (let j = 0; j < k; j += 1) value -= lower[k * INPUTS + j]! ** 2 * d[j]!;
      d.push(value);
    }
    expect(Math.min(...d)).toBeGreaterThan(0);
    for (const [row, column] of [
      [5, 2],
      [130, 127],
      [200, 131],
      [299, 0],
      [299, 298],
    ] as const) {
      let value = 0;
      for (let k = 0; k <= column; k += 1)
        value += lower[row * INPUTS + k]! * d[k]! * lower[column * INPUTS + k]!;
      expect(value).toBeCloseTo(given(row, column), 2);
    }
    const powers = Array.from(order, (input) => moments[input * INPUTS + input]!);
    expect(powers).toEqual(powers.toSorted((a, b) => a - b));
  });

  it.each([0, Infinity, NaN])('knows nothing of inputs whose moments are %d', async (moment) => {
    expect(await errorFeedback(new Float32Array(16).fill(moment), 4, product)).toBeNull();
  });
});

describe('fedBackSteps', () => {
  /** Σ e · H · eᵀ over the rows. */
  function loss(
    { weights, outputs, inputs }: { weights: Float32Array; outputs: number; inputs: number },
    scales: Float32Array,
    steps: Int8Array,
    moments: Float32Array,
  ): number {
    let sum = 0;
    for (let n = 0; n < outputs; n += 1) {
      const errors = Float64Array.from(
        { length: inputs },
        (_, k) => weights[n * inputs + k]! - steps[n * inputs + k]! * scales[n]!,
      );
      for (let i = 0; i < inputs; i += 1)
        for (let j = 0; j < inputs; j += 1)
          sum += errors[i]! * errors[j]! * moments[i * inputs + j]!;
    }
    return sum;
  }

  it('loses several times less than the nearest steps where inputs have much in common', async () => {
    const { moments, matrix } = correlated(INPUTS);
    const scales = scalesOf(matrix);
    const feedback = (await errorFeedback(moments, INPUTS, product))!;
    const steps = await fedBackSteps(matrix, scales, feedback, product);
    const nearest = nearestSteps(matrix, scales);
    expect(loss(matrix, scales, steps, moments)).toBeLessThan(
      loss(matrix, scales, nearest, moments) / 4,
    );
    expect(Math.max(...steps.map(Math.abs))).toBeLessThanOrEqual(127);
  });

  it('takes the nearest steps where inputs have nothing in common', async () => {
    const { matrix } = correlated(INPUTS);
    const moments = new Float32Array(INPUTS * INPUTS);
    for (let i = 0; i < INPUTS; i += 1) moments[i * INPUTS + i] = 1 + (i % 7);
    const scales = scalesOf(matrix);
    const feedback = (await errorFeedback(moments, INPUTS, product))!;
    const steps = await fedBackSteps(matrix, scales, feedback, product);
    expect(steps).toEqual(nearestSteps(matrix, scales));
  });
});
