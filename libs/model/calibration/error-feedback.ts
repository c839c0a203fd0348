import { block, transposed, type MatrixProduct } from './matrix-product.js';

/**
 * How the rounding error of one input's weight is made up for by the inputs that are rounded after it.
 *
 * With the inputs' second moments H = L · D · Lᵀ (L unit lower triangular, inputs ordered by rising power), the error
 * e · H · eᵀ of a row's rounding errors e is least, one weight after the other from the last, when each is rounded after
 * adding Σ e_r · L_rc over those that are rounded already: GPTQ (Frantar et al., arXiv:2210.17323) as LDLQ (Chee et al.,
 * arXiv:2307.13304) has it.
 */
export interface ErrorFeedback {
  /** Input at each place; rounding goes from the last place to the first. */
  readonly order: Int32Array;
  /** L, `[inputs, inputs]` by place; what is above the diagonal is not to be read. */
  readonly lower: Float32Array;
}

/** Added to every input's power, as a share of the mean: what calibration didn't see is not thought free of errors. */
const DAMPING = 0.01;
export const BLOCK = 128;

/**
 * @param moments `[inputs, inputs]`, the sum of x · xᵀ over the inputs seen
 * @returns null where the inputs were always 0, or grew beyond all numbers, so that nothing is known of them; the model's
 * own first answers tell of the latter
 */
export async function errorFeedback(
  moments: Float32Array,
  inputs: number,
  product: MatrixProduct,
): Promise<ErrorFeedback | null> {
  const power = Float64Array.from({ length: inputs }, (_, i) => moments[i * inputs + i] as number);
  const damping = (DAMPING * power.reduce((sum, value) => sum + value, 0)) / inputs;
  if (!(damping > 0 && Number.isFinite(damping))) return null;
  const order = Int32Array.from(power.keys()).sort(
    (a, b) => (power[a] as number) - (power[b] as number) || a - b,
  );
  const lower = new Float32Array(inputs * inputs);
  for (let row = 0; row < inputs; row += 1) {
    const from = (order[row] as number) * inputs;
    for (let column = 0; column <= row; column += 1)
      lower[row * inputs + column] = moments[from + (order[column] as number)] as number;
    lower[row * inputs + row] = (power[order[row] as number] as number) + damping;
  }
  await factorise(lower, inputs, damping, product);
  return { order, lower };
}

/** Cholesky's factor, then its columns divided by their diagonal, in place; a block of columns at a time. */
async function factorise(
  lower: Float32Array,
  size: number,
  least: number,
  product: MatrixProduct,
): Promise<void> {
  for (let begin = 0; begin < size; begin += BLOCK) {
    const end = Math.min(size, begin + BLOCK);
    const width = end - begin;
    const { data: panel, rows } = block(lower, size, [begin, size], [begin, end]);
    if (begin > 0) {
      const done = await product(
        block(lower, size, [begin, size], [0, begin]),
        transposed(block(lower, size, [begin, end], [0, begin])),
      );
      for (let i = 0; i < panel.length; i += 1)
        panel[i] = (panel[i] as number) - (done[i] as number);
    }
    for (let row = 0; row < rows; row += 1) {
      const here = row * width;
      for (let column = 0; column < width && column <= row; column += 1) {
        const there = column * width;
        let value = panel[here + column] as number;
        for (let k = 0; k < column; k += 1)
          value -= (panel[here + k] as number) * (panel[there + k] as number);
        panel[here + column] =
          // Only rounding can make a pivot smaller than what was added to it.
          row === column
            ? Math.sqrt(Math.max(value, least / 2))
            : value / (panel[there + column] as number);
      }
      lower.set(panel.subarray(here, here + width), (begin + row) * size + begin);
    }
  }
  const diagonal = Float32Array.from({ length: size }, (_, i) => lower[i * size + i] as number);
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column <= row; column += 1)
      lower[row * size + column] =
        (lower[row * size + column] as number) / (diagonal[column] as number);
  }
}
