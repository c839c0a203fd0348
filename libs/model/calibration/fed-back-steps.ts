import { toStep, type WeightMatrix } from '../quantise.js';
import { BLOCK, type ErrorFeedback } from './error-feedback.js';
import { block, type MatrixProduct } from './matrix-product.js';

/**
 * Rounds each row's weights one after the other, each so that it makes up for the errors of those before.
 * @param scales of a step, for each row
 * @returns `[outputs, inputs]`
 */
export async function fedBackSteps(
  { weights, outputs, inputs }: WeightMatrix,
  scales: Float32Array,
  { order, lower }: ErrorFeedback,
  product: MatrixProduct,
): Promise<Int8Array> {
  const steps = new Int8Array(weights.length);
  /** By place. */
  const errors = new Float32Array(weights.length);
  for (let end = inputs; end > 0; end -= BLOCK) {
    const begin = Math.max(0, end - BLOCK);
    const width = end - begin;
    const earlier =
      end === inputs
        ? null
        : await product(
            block(errors, inputs, [0, outputs], [end, inputs]),
            block(lower, inputs, [end, inputs], [begin, end]),
          );
    // Column by column, so that what is summed up lies together.
    const within = new Float32Array(width * width);
    for (let row = 0; row < width; row += 1) {
      for (let column = 0; column < row; column += 1)
        within[column * width + row] = lower[(begin + row) * inputs + begin + column] as number;
    }
    for (let n = 0; n < outputs; n += 1) {
      const scale = scales[n] as number;
      const own = errors.subarray(n * inputs + begin, n * inputs + end);
      for (let column = width - 1; column >= 0; column -= 1) {
        const at = n * inputs + (order[begin + column] as number);
        const weight = weights[at] as number;
        let aim = weight + (earlier === null ? 0 : (earlier[n * width + column] as number));
        const from = column * width;
        for (let row = column + 1; row < width; row += 1)
          aim += (own[row] as number) * (within[from + row] as number);
        const step = toStep(aim / scale);
        steps[at] = step;
        own[column] = weight - step * scale;
      }
    }
  }
  return steps;
}
