import type { Graph } from './graph.js';

/** Type of the activations between a graph's layers. */
export type FloatType = 'float32' | 'float16';

/** `input · weightᵀ + bias`; the weight is `<name>.weight` `[outputs, inputs]`, the bias `<name>.bias`. */
export interface LinearLayer {
  readonly name: string;
  readonly inputs: number;
  readonly outputs: number;
  readonly hasBias: boolean;
  readonly place: Place;
  /** Whether the first row is the class token, of which alone the answer is made. */
  readonly hasClassToken: boolean;
}

/** Where in the model a layer is. */
export interface Place {
  readonly part: 'embedding' | 'attention' | 'mlp';
  /** Of the encoder layer, from 0; 0 for the embedding. */
  readonly index: number;
}

/** Each `[batch · tokens, hiddenSize]`. */
export interface AttentionInputs {
  readonly query: string;
  readonly key: string;
  readonly value: string;
}

export interface AttentionShape {
  readonly tokens: number;
  readonly heads: number;
  readonly hiddenSize: number;
}

/** How the costly parts of a graph are computed; what differs between precisions and devices. */
export interface Numerics {
  readonly type: FloatType;
  /** Of these ways to compute, apart from the graph's; part of a model's fingerprint. Null where there was only one yet. */
  readonly revision: string | null;
  /** `[rows, inputs]` to `[rows, outputs]`. */
  linear(graph: Graph, input: string, layer: LinearLayer): string;
  /** softmax(query · keyᵀ / √(hiddenSize / heads)) · value for each head, as `[batch · tokens, hiddenSize]`. */
  attention(graph: Graph, inputs: AttentionInputs, shape: AttentionShape): string;
}
