import type { InputStatistics } from './calibration.js';
import { errorFeedback, type ErrorFeedback } from './error-feedback.js';
import type { EquivalentWeights } from './equivalent-weights.js';
import type { MatrixProduct } from './matrix-product.js';

/** The error feedback of linear layers; of inputs that several share it is computed once. */
export class FeedbackByLayer {
  /** The one of the input that was asked for last: layers that share one follow each other. */
  #last: { readonly of: InputStatistics; readonly feedback: ErrorFeedback | null } | null = null;

  constructor(
    private readonly weights: EquivalentWeights,
    private readonly product: MatrixProduct,
  ) {}

  /** @param layer name of a linear layer @returns null where nothing is known of its inputs */
  async of(layer: string): Promise<ErrorFeedback | null> {
    const statistics = await this.weights.inputsOf(layer);
    if (this.#last?.of !== statistics) {
      const { moments, mean } = statistics;
      this.#last = {
        of: statistics,
        feedback: await errorFeedback(moments, mean.length, this.product),
      };
    }
    return this.#last.feedback;
  }
}
