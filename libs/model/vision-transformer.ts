import type { ConfigFields } from './config-fields.js';

/**
 * An image classifier of one family: patches → embedding + positions → pre-norm encoder layers → layer norm → pooling →
 * linear classifier. What differs between published architectures is written here.
 */
export interface VisionTransformer {
  /** As `config.json` names it. */
  readonly architecture: string;
  /** Side of the square picture in pixels. */
  readonly imageSize: number;
  /** Side of a patch in pixels; what is left at the right and the bottom is not looked at, as in a convolution. */
  readonly patchSize: number;
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly layerNormEpsilon: number;
  readonly activation: Activation;
  /** Whether the query, key and value projections have a bias. */
  readonly hasQkvBias: boolean;
  /** The class token's embedding, which is then also what is classified; null = the mean over all patches is. */
  readonly classToken: string | null;
  /** By index of the logit. */
  readonly labels: readonly string[];
  readonly tensors: TensorNames;
}

/** `gelu` is the exact one (erf), `gelu_pytorch_tanh` the approximation by tanh. */
export type Activation = 'gelu' | 'gelu_pytorch_tanh';

/** Names in the checkpoint; all but `positions` without their `.weight` and `.bias`. */
export interface TensorNames {
  readonly patchEmbedding: string;
  readonly positions: string;
  readonly finalNorm: string;
  readonly classifier: string;
  layer(index: number): LayerTensorNames;
}

export interface LayerTensorNames {
  readonly attentionNorm: string;
  readonly query: string;
  readonly key: string;
  readonly value: string;
  readonly attentionOutput: string;
  readonly mlpNorm: string;
  readonly mlpUp: string;
  readonly mlpDown: string;
}

export interface NamedShape {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Patches along a side. */
export function gridOf({ imageSize, patchSize }: VisionTransformer): number {
  return Math.floor(imageSize / patchSize);
}

/** Length of the sequence that the encoder works on. */
export function tokensOf(model: VisionTransformer): number {
  return gridOf(model) ** 2 + (model.classToken === null ? 0 : 1);
}

/** Reads the sizes that all architectures name alike. @throws ModelError naming the field */
export function readSizes(fields: ConfigFields) {
  fields.oneOf('num_channels', [3]);
  const sizes = {
    imageSize: fields.wholeNumber('image_size'),
    patchSize: fields.wholeNumber('patch_size'),
    hiddenSize: fields.wholeNumber('hidden_size'),
    intermediateSize: fields.wholeNumber('intermediate_size'),
    layers: fields.wholeNumber('num_hidden_layers'),
    heads: fields.wholeNumber('num_attention_heads'),
    layerNormEpsilon: fields.positiveNumber('layer_norm_eps'),
    activation: fields.oneOf('hidden_act', ['gelu_pytorch_tanh', 'gelu'] as const),
  };
  const { imageSize, patchSize, hiddenSize, heads } = sizes;
  if (imageSize < patchSize)
    throw fields.refused('image_size', `at least the patch's ${patchSize}`, imageSize);
  if (hiddenSize % heads !== 0)
    throw fields.refused('hidden_size', `a multiple of the ${heads} heads`, hiddenSize);
  return sizes;
}

/** Every tensor that the model needs, with its shape. A checkpoint may hold more. */
export function tensorsOf(model: VisionTransformer): readonly NamedShape[] {
  const { hiddenSize: h, intermediateSize: m, patchSize: p, tensors, classToken } = model;
  const linear = (name: string, out: number, input: number, hasBias = true): NamedShape[] => [
    { name: `${name}.weight`, shape: [out, input] },
    ...(hasBias ? [{ name: `${name}.bias`, shape: [out] }] : []),
  ];
  const norm = (name: string): NamedShape[] =>
    ['weight', 'bias'].map((part) => ({ name: `${name}.${part}`, shape: [h] }));
  const layer = (index: number): NamedShape[] => {
    const names = tensors.layer(index);
    return [
      ...norm(names.attentionNorm),
      ...[names.query, names.key, names.value].flatMap((name) =>
        linear(name, h, h, model.hasQkvBias),
      ),
      ...linear(names.attentionOutput, h, h),
      ...norm(names.mlpNorm),
      ...linear(names.mlpUp, m, h),
      ...linear(names.mlpDown, h, m),
    ];
  };
  const positions = [tokensOf(model), h];
  return [
    { name: `${tensors.patchEmbedding}.weight`, shape: [h, 3, p, p] },
    { name: `${tensors.patchEmbedding}.bias`, shape: [h] },
    // ViT keeps a batch axis of one here, and on its class token.
    { name: tensors.positions, shape: classToken === null ? positions : [1, ...positions] },
    ...(classToken === null ? [] : [{ name: classToken, shape: [1, 1, h] }]),
    ...Array.from({ length: model.layers }, (_, index) => layer(index)).flat(),
    ...norm(tensors.finalNorm),
    ...linear(tensors.classifier, model.labels.length, h),
  ];
}
