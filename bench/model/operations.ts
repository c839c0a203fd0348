import { tokensOf, type VisionTransformer } from '../../libs/model/vision-transformer.js';

/** Multiplications and additions of one picture's matrix products, in billions. */
export function operationsOf(model: VisionTransformer): number {
  const { hiddenSize: h, intermediateSize: m, patchSize: p, layers, labels } = model;
  const tokens = tokensOf(model);
  const embedding = tokens * 3 * p * p * h;
  const layer = tokens * (4 * h * h + 2 * h * m) + 2 * tokens * tokens * h;
  return (2 * (embedding + layers * layer + labels.length * h)) / 1e9;
}
