import type { ProcessorConfig } from '../processor-config.js';
import { gridOf, tokensOf, type VisionTransformer } from '../vision-transformer.js';
import type { Weights } from '../weights.js';
import { Graph } from './graph.js';
import type { Numerics } from './numerics.js';
import { normalise } from './normalise.js';

/** Changes whenever the same checkpoint could give other numbers; part of a model's fingerprint. */
export const GRAPH_BUILDER_VERSION = 'vision-transformer-1';

export const INPUT_NAME = 'pixels';
export const OUTPUT_NAME = 'logits';

/**
 * The ONNX model of an image classifier of the ViT family.
 *
 * Input `pixels`: `[batch, size, size, 3]`, RGB at model size, as bytes or as normalised floats. Output `logits`: float32 `[batch, labels]`.
 * Patches → embedding (+ class token) + positions → pre-norm encoder layers → layer norm → mean over the patches, or the
 * class token → classifier (as transformers' SiglipForImageClassification and ViTForImageClassification).
 */
export function buildVisionTransformerGraph(
  model: VisionTransformer,
  processor: ProcessorConfig,
  weights: Weights,
  numerics: Numerics,
): Uint8Array {
  const graph = new Graph(weights);
  const builder: Builder = { graph, model, numerics };
  const { imageSize, hiddenSize, labels, classToken, tensors } = model;
  const tokens = tokensOf(model);

  const pixels =
    numerics.input === 'uint8'
      ? normalise(graph, INPUT_NAME, processor)
      : asType(builder, INPUT_NAME);
  let hidden = graph.reshape(embed(builder, pixels), [-1, hiddenSize]);
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
    { name: INPUT_NAME, type: numerics.input, dims: ['batch', imageSize, imageSize, 3] },
    { name: OUTPUT_NAME, dims: ['batch', labels.length] },
  );
}

interface Builder {
  readonly graph: Graph;
  readonly model: VisionTransformer;
  readonly numerics: Numerics;
}

/** Patches to `[batch, tokens, hiddenSize]`: embedded, after the class token if there is one, each with its position. */
function embed({ graph, model, numerics }: Builder, pixels: string): string {
  const { imageSize, patchSize: p, hiddenSize: h, classToken, tensors } = model;
  const grid = gridOf(model);
  const tokens = tokensOf(model);
  const used = grid * p;
  const tiles = graph.reshape(used === imageSize ? pixels : cut(graph, pixels, used), [
    -1,
    grid,
    p,
    grid,
    p,
    3,
  ]);
  // Within a patch: channel, row, column, as the convolution's weights lie.
  const patches = graph.add('Transpose', [tiles], { perm: [0, 1, 3, 5, 2, 4] });
  const flat = graph.reshape(patches, [-1, 3 * p * p]);
  const embedding = { name: tensors.patchEmbedding, inputs: 3 * p * p, outputs: h, hasBias: true };
  const embedded = graph.reshape(numerics.linear(graph, flat, embedding), [-1, grid * grid, h]);
  const positions = graph.weight(tensors.positions, [1, tokens, h]);
  if (classToken === null) return graph.add('Add', [embedded, positions]);
  // A row of zeros before the patches, to which the class token is added together with its position: nothing has to be
  // repeated along a batch whose length is not known.
  const pad = (name: string, input: string, before: number, after: number) =>
    graph.add('Pad', [
      input,
      graph.constant(name, BigInt64Array.from([0, before, 0, 0, after, 0], BigInt), [6]),
    ]);
  const token = pad('after_class_token', graph.weight(classToken, [1, 1, h]), 0, tokens - 1);
  const placed = graph.add('Add', [token, positions]);
  return graph.add('Add', [pad('before_patches', embedded, 1, 0), placed]);
}

/** The picture's left upper part, as a convolution leaves out what doesn't fill a patch. */
function cut(graph: Graph, pixels: string, side: number): string {
  const range = (name: string, value: number) =>
    graph.constant(name, BigInt64Array.of(BigInt(value), BigInt(value)), [2]);
  const axes = graph.constant('picture_axes', BigInt64Array.of(1n, 2n), [2]);
  return graph.add('Slice', [pixels, range('from_origin', 0), range('to_last_patch', side), axes]);
}

/** Pre-norm attention and MLP, each added to what came in. `hidden` is `[batch · tokens, hiddenSize]`. */
function encoderLayer(builder: Builder, layer: number, hidden: string): string {
  const { graph, model, numerics } = builder;
  const { hiddenSize: h, intermediateSize: m, hasQkvBias } = model;
  const names = model.tensors.layer(layer);
  const linear = (name: string, input: string, inputs: number, outputs: number, hasBias = true) =>
    numerics.linear(graph, input, { name, inputs, outputs, hasBias });

  const before = layerNorm(builder, names.attentionNorm, hidden);
  const [query, key, value] = [names.query, names.key, names.value].map((name) =>
    linear(name, before, h, h, hasQkvBias),
  ) as [string, string, string];
  const attended = numerics.attention(
    graph,
    { query, key, value },
    {
      tokens: tokensOf(model),
      heads: model.heads,
      hiddenSize: h,
    },
  );
  const middle = graph.add('Add', [hidden, linear(names.attentionOutput, attended, h, h)]);
  const widened = linear(names.mlpUp, layerNorm(builder, names.mlpNorm, middle), h, m);
  const approximate = model.activation === 'gelu_pytorch_tanh' ? 'tanh' : 'none';
  const activated = graph.add('Gelu', [widened], { approximate });
  return graph.add('Add', [middle, linear(names.mlpDown, activated, m, h)]);
}

function layerNorm({ graph, model }: Builder, name: string, input: string): string {
  const size = [model.hiddenSize];
  return graph.add(
    'LayerNormalization',
    [input, graph.weight(`${name}.weight`, size), graph.weight(`${name}.bias`, size)],
    { axis: -1, epsilon: { float: model.layerNormEpsilon } },
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
