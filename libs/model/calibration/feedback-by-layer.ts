import type { LayerMoments } from './calibration.js';
import { errorFeedback, type ErrorFeedback } from './error-feedback.js';
import type { MatrixProduct } from './matrix-product.js';

/** The error feedback of linear layers that are asked for in the model's order; that of one encoder layer is kept. */
export class FeedbackByLayer {
  #moments: LayerMoments = new Map();
  /** By the moments, which layers with the same input share. */
  readonly #known = new Map<Float32Array, ErrorFeedback | null>();

  constructor(
    private readonly calibration: AsyncGenerator<LayerMoments, void, undefined>,
    private readonly product: MatrixProduct,
  ) {}

  /** @param layer name of a linear layer @returns null where nothing is known of its inputs */
  async of(layer: string): Promise<ErrorFeedback | null> {
    let moments = this.#moments.get(layer);
    while (moments === undefined) {
      this.#known.clear();
      const next = await this.calibration.next();
      if (next.done === true) throw new Error(`expected ${layer} in the model's order`);
      this.#moments = next.value;
      moments = this.#moments.get(layer);
    }
    const known = this.#known.get(moments);
    if (known !== undefined) return known;
    const inputs = Math.sqrt(moments.length);
    const feedback = await errorFeedback(moments, inputs, this.product);
    this.#known.set(moments, feedback);
    return feedback;
  }
}
