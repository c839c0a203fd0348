import { tokensOf, type VisionTransformer } from '../vision-transformer.js';
import type { Weights } from '../weights.js';
import { embed, encoderLayer, layerNorm, type Builder } from './encoder.js';
import { Graph } from './graph.js';
import type { Numerics } from './numerics.js';
import { INPUT_NAME, OUTPUT_NAME } from './names.js';

/** Changes whenever the same checkpoint could give other numbers; part of a model's fingerprint. */
export const GRAPH_BUILDER_VERSION = 'vision-transformer-1';

/**
 * The ONNX model of an image classifier of the ViT family.
 *
 * Input `pixels`: float32 `[batch, size, size, 3]`, RGB at model size, normalised. Output `logits`: float32 `[batch, labels]`.
 * Patches → embedding (+ class token) + positions → pre-norm encoder layers → layer norm → mean over the patches, or the
 * class token → classifier (as transformers' SiglipForImageClassification and ViTForImageClassification).
 */
export function buildVisionTransformerGraph(
  model: VisionTransformer,
  weights: Weights,
  numerics: Numerics,
): Uint8Array {
  const graph = new Graph(weights);
  const builder: Builder = { graph, model, numerics };
  const { imageSize, hiddenSize, labels, classToken, tensors } = model;
  const tokens = tokensOf(model);

  let hidden = graph.reshape(embed(builder, asType(builder, INPUT_NAME)), [-1, hiddenSize]);
  for (let layer = 0; layer < model.layers; layer += 1)
    hidden = encoderLayer(builder, layer, hidden);
  const sequence = graph.reshape(hidden, [-1, tokens, hiddenSize]);
  let pooled: string;
  if (classToken === null) {
    // The mean over hundreds of rows, in float32 whatever the type.
    const normed = asFloat32(builder, layerNorm(builder, tensors.finalNorm, sequence));
    const axes = graph.constant('token_axis', BigInt64Array.of(1n), [1]);
    pooled = graph.add('ReduceMean', [normed, axes], { keepdims: 0 });
  } else {
    const first = graph.constant('first_token', BigInt64Array.of(0n), []);
    const token = graph.add('Gather', [sequence, first], { axis: 1 });
    pooled = asFloat32(builder, layerNorm(builder, tensors.finalNorm, token));
  }
  // Always in float32: a few numbers that decide the answer.
  graph.add('Gemm', [pooled, ...weightAndBias(builder, tensors.classifier, labels.length)], {
    transB: 1,
  });
  return graph.encode(
    { name: INPUT_NAME, dims: ['batch', imageSize, imageSize, 3] },
    { name: OUTPUT_NAME, dims: ['batch', labels.length] },
  );
}

function weightAndBias({ graph, model }: Builder, name: string, outputs: number): string[] {
  return [
    graph.weight(`${name}.weight`, [outputs, model.hiddenSize]),
    graph.weight(`${name}.bias`, [outputs]),
  ];
}

function asType({ graph, numerics }: Builder, input: string): string {
  return numerics.type === 'float32' ? input : graph.cast(input, numerics.type);
}

function asFloat32({ graph, numerics }: Builder, input: string): string {
  return numerics.type === 'float32' ? input : graph.cast(input, 'float32');
}
