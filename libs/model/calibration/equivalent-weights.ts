import type { LayerTensorNames, VisionTransformer } from '../vision-transformer.js';
import type { InputStatistics } from './calibration.js';
import { changeOf, changed, type InputChange } from './input-change.js';
import type { LayersInOrder } from './layers-in-order.js';

/** A tensor of the checkpoint in float32. */
export type ReadTensor = (name: string) => Promise<Float32Array>;

/** What makes one encoder layer another that computes the same. */
interface Equivalent {
  readonly of: LayerTensorNames;
  /** By the name of the linear layer. */
  readonly changes: ReadonlyMap<string, InputChange>;
  /** Biases, and the weights of layer norms, by the tensor's name. */
  readonly vectors: ReadonlyMap<string, Float64Array>;
}

/**
 * Weights of an equivalent model whose linear layers get inputs that 8 bits suit better: with a mean of about 0 over the
 * calibration pictures, and none that is far larger than the others.
 *
 * An input is changed where it is made: by the weight and bias of the layer norm, or by those of the values that attention
 * averages (its weights sum up to 1). The layer that it is for undoes the change with its own weights (as in SmoothQuant, Xiao et
 * al., arXiv:2211.10438) and bias. What the MLP's second half gets stays as it is: no weights make it.
 */
export class EquivalentWeights {
  readonly #layers = new Map<string, LayerTensorNames>();
  readonly #statistics = new WeakMap<InputStatistics, InputStatistics>();
  #last: Equivalent | null = null;

  /** @param exact reads the model's own tensors @param given of the model's own inputs */
  constructor(
    private readonly model: VisionTransformer,
    private readonly exact: ReadTensor,
    private readonly given: LayersInOrder,
  ) {
    for (let index = 0; index < model.layers; index += 1) {
      const names = model.tensors.layer(index);
      for (const name of Object.values(names) as string[]) this.#layers.set(name, names);
    }
  }

  /** A tensor of the equivalent model; those of encoder layers in the layers' order. */
  async read(tensor: string): Promise<Float32Array> {
    const layer = tensor.slice(0, tensor.lastIndexOf('.'));
    const names = this.#layers.get(layer);
    if (names === undefined) return this.exact(tensor);
    const { changes, vectors } = await this.#encoderLayer(names);
    const vector = vectors.get(tensor);
    if (vector !== undefined) return Float32Array.from(vector);
    const values = await this.exact(tensor);
    if (tensor.endsWith('.bias')) return values;
    const columns = changes.get(layer)?.factors;
    // What attention averages is made by the rows of the values' layer.
    const rows = layer === names.value ? changes.get(names.attentionOutput)?.factors : undefined;
    return scaled(values, columns, rows);
  }

  /** What a linear layer of the equivalent model gets to see. */
  async inputsOf(layer: string): Promise<InputStatistics> {
    const given = await this.given.of(layer);
    const known = this.#statistics.get(given);
    if (known !== undefined) return known;
    const names = this.#layers.get(layer);
    const change = names && (await this.#encoderLayer(names)).changes.get(layer);
    const inputs = change === undefined ? given : changed(given, change);
    this.#statistics.set(given, inputs);
    return inputs;
  }

  async #encoderLayer(names: LayerTensorNames): Promise<Equivalent> {
    if (this.#last?.of === names) return this.#last;
    const changes = new Map<string, InputChange>();
    const vectors = new Map<string, Float64Array>();
    const vector = async (name: string): Promise<Float64Array> => {
      const known = vectors.get(name) ?? Float64Array.from(await this.exact(name));
      vectors.set(name, known);
      return known;
    };
    /** Of the input that `layers` share; `source` is what its last weights are. */
    const change = async (layers: readonly [string, ...string[]], source: string) => {
      const made = changeOf(await this.given.of(layers[0]));
      for (const layer of layers) {
        changes.set(layer, made);
        addProduct(await vector(`${layer}.bias`), await this.exact(`${layer}.weight`), made.centre);
      }
      const bias = await vector(`${source}.bias`);
      for (let i = 0; i < bias.length; i += 1)
        bias[i] = ((bias[i] as number) - (made.centre[i] as number)) / (made.factors[i] as number);
      if (source === names.value) return;
      const weight = await vector(`${source}.weight`);
      for (let i = 0; i < weight.length; i += 1)
        weight[i] = (weight[i] as number) / (made.factors[i] as number);
    };
    const { attentionNorm, query, key, value, attentionOutput, mlpNorm, mlpUp } = names;
    // Without biases there is nothing that could give back what was taken away.
    if (this.model.hasQkvBias) {
      await change([query, key, value], attentionNorm);
      await change([attentionOutput], value);
    }
    await change([mlpUp], mlpNorm);
    this.#last = { of: names, changes, vectors };
    return this.#last;
  }
}

/** A matrix `[outputs, inputs]` with its columns times `columns` and its rows divided by `rows`. */
function scaled(
  matrix: Float32Array,
  columns: Float64Array | undefined,
  rows: Float64Array | undefined,
): Float32Array {
  const inputs = columns?.length ?? matrix.length;
  return matrix.map((value, i) => {
    const row = rows?.[Math.floor(i / inputs)] ?? 1;
    return (value * (columns?.[i % inputs] ?? 1)) / row;
  });
}

/** Adds `matrix` `[outputs, inputs]` times `vector`. */
function addProduct(sum: Float64Array, matrix: Float32Array, vector: Float64Array): void {
  const inputs = vector.length;
  for (let n = 0; n < sum.length; n += 1) {
    let value = 0;
    for (let k = 0; k < inputs; k += 1)
      value += (matrix[n * inputs + k] as number) * (vector[k] as number);
    sum[n] = (sum[n] as number) + value;
  }
}
