import { gridOf, tokensOf, type VisionTransformer } from '../vision-transformer.js';
import type { Graph } from './graph.js';
import type { LinearLayer, Numerics } from './numerics.js';

/** What the parts of a graph are built with. */
export interface Builder {
  readonly graph: Graph;
  readonly model: VisionTransformer;
  readonly numerics: Numerics;
}

/** Patches to `[batch, tokens, hiddenSize]`: embedded, after the class token if there is one, each with its position. */
export function embed({ graph, model, numerics }: Builder, pixels: string): string {
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
  const embedding: LinearLayer = {
    name: tensors.patchEmbedding,
    inputs: 3 * p * p,
    outputs: h,
    hasBias: true,
    place: { part: 'embedding', index: 0 },
    hasClassToken: false,
  };
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
export function encoderLayer(builder: Builder, layer: number, hidden: string): string {
  const { graph, model, numerics } = builder;
  const { hiddenSize: h, intermediateSize: m, hasQkvBias } = model;
  const names = model.tensors.layer(layer);
  const hasClassToken = model.classToken !== null;
  const attention = (name: string, input: string, hasBias = true) =>
    numerics.linear(graph, input, {
      name,
      inputs: h,
      outputs: h,
      hasBias,
      place: { part: 'attention', index: layer },
      hasClassToken,
    });
  const mlp = (name: string, input: string, inputs: number, outputs: number) =>
    numerics.linear(graph, input, {
      name,
      inputs,
      outputs,
      hasBias: true,
      place: { part: 'mlp', index: layer },
      hasClassToken,
    });

  const before = layerNorm(builder, names.attentionNorm, hidden);
  const [query, key, value] = [names.query, names.key, names.value].map((name) =>
    attention(name, before, hasQkvBias),
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
  const middle = graph.add('Add', [hidden, attention(names.attentionOutput, attended)]);
  const widened = mlp(names.mlpUp, layerNorm(builder, names.mlpNorm, middle), h, m);
  const approximate = model.activation === 'gelu_pytorch_tanh' ? 'tanh' : 'none';
  const activated = graph.add('Gelu', [widened], { approximate });
  return graph.add('Add', [middle, mlp(names.mlpDown, activated, m, h)]);
}

export function layerNorm({ graph, model }: Builder, name: string, input: string): string {
  const size = [model.hiddenSize];
  return graph.add(
    'LayerNormalization',
    [input, graph.weight(`${name}.weight`, size), graph.weight(`${name}.bias`, size)],
    { axis: -1, epsilon: { float: model.layerNormEpsilon } },
  );
}
