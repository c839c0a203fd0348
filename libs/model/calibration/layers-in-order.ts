import type { InputStatistics, LayerInputs } from './calibration.js';

/** Statistics of linear layers that are asked for in the model's order; those of one encoder layer are in memory. */
export class LayersInOrder {
  #current: LayerInputs = new Map();

  constructor(private readonly calibration: AsyncGenerator<LayerInputs, void, undefined>) {}

  /** @param layer name of a linear layer, of the encoder layer that was asked for last or of a later one */
  async of(layer: string): Promise<InputStatistics> {
    for (;;) {
      const known = this.#current.get(layer);
      if (known !== undefined) return known;
      const next = await this.calibration.next();
      if (next.done === true) throw new Error(`expected ${layer} in the model's order`);
      this.#current = next.value;
    }
  }
}
