import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nearestSteps, scalesOf, withRest, type QuantisedMatrix } from './quantise.js';

function quantise(weights: Float32Array, outputs: number, inputs: number): QuantisedMatrix {
  const matrix = { weights, outputs, inputs };
  const scales = scalesOf(matrix);
  return withRest(matrix, scales, nearestSteps(matrix, scales));
}

const rows = (outputs: number, inputs: number) =>
  fc
    .array(fc.float({ min: -4, max: 4, noNaN: true }), {
      minLength: outputs * inputs,
      maxLength: outputs * inputs,
    })
    .map((values) => Float32Array.from(values));

describe('quantise', () => {
  it('is within half a step with 8 bits, and within half a finer one with 16, transposed', () => {
    const [outputs, inputs] = [3, 7];
    fc.assert(
      fc.property(rows(outputs, inputs), (weights) => {
        const q = quantise(weights, outputs, inputs);
        for (let n = 0; n < outputs; n += 1) {
          for (let k = 0; k < inputs; k += 1) {
            const weight = weights[n * inputs + k] as number;
            const coarse = (q.values[k * outputs + n] as number) * (q.scales[n] as number);
            const rest = (q.restValues[k * outputs + n] as number) * (q.restScales[n] as number);
            const slack = 1e-6 * Math.abs(weight) + 1e-30;
            expect(Math.abs(weight - coarse)).toBeLessThanOrEqual(
              (q.scales[n] as number) * 0.5 + slack,
            );
            expect(Math.abs(weight - coarse - rest)).toBeLessThanOrEqual(
              (q.restScales[n] as number) * 0.5001 + slack,
            );
          }
        }
      }),
    );
  });

  it('takes a row of zeros, and rounds ties to even', () => {
    const { values, scales } = quantise(Float32Array.of(0, 0, 127, 2.5, 0, 0), 3, 2);
    expect([...scales]).toEqual([1, 1, 1]);
    expect([...values]).toEqual([0, 127, 0, 0, 2, 0]);
  });
});
