import type { SiglipConfig } from './config.js';
import { ModelError } from './model-error.js';
import type { TensorEntry, TensorType } from './safetensors.js';

export interface NamedShape {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Every tensor that a SigLIP image classifier needs, with its shape. A checkpoint may hold more (`head.*`). */
export function siglipTensors(config: SiglipConfig): readonly NamedShape[] {
  const { hiddenSize: h, intermediateSize: m, patchSize: p, imageSize, labels } = config;
  const tokens = (imageSize / p) ** 2;
  const linear = (name: string, out: number, input: number): NamedShape[] => [
    { name: `${name}.weight`, shape: [out, input] },
    { name: `${name}.bias`, shape: [out] },
  ];
  const norm = (name: string): NamedShape[] => [
    { name: `${name}.weight`, shape: [h] },
    { name: `${name}.bias`, shape: [h] },
  ];
  const layer = (index: number): NamedShape[] => {
    const prefix = `vision_model.encoder.layers.${index}`;
    return [
      ...norm(`${prefix}.layer_norm1`),
      ...['q_proj', 'k_proj', 'v_proj', 'out_proj'].flatMap((name) =>
        linear(`${prefix}.self_attn.${name}`, h, h),
      ),
      ...norm(`${prefix}.layer_norm2`),
      ...linear(`${prefix}.mlp.fc1`, m, h),
      ...linear(`${prefix}.mlp.fc2`, h, m),
    ];
  };
  return [
    { name: 'vision_model.embeddings.patch_embedding.weight', shape: [h, 3, p, p] },
    { name: 'vision_model.embeddings.patch_embedding.bias', shape: [h] },
    { name: 'vision_model.embeddings.position_embedding.weight', shape: [tokens, h] },
    ...Array.from({ length: config.layers }, (_, index) => layer(index)).flat(),
    ...norm('vision_model.post_layernorm'),
    ...linear('classifier', labels.length, h),
  ];
}

/**
 * Checks that a checkpoint holds every needed tensor in its shape, all in one type that can be read.
 * @returns that type
 * @throws ModelError naming the tensor
 */
export function checkTensors(
  needed: readonly NamedShape[],
  entries: ReadonlyMap<string, TensorEntry>,
): TensorType {
  const types = new Set<string>();
  for (const { name, shape } of needed) {
    const entry = entries.get(name);
    if (entry === undefined)
      throw new ModelError('model_invalid', `model.safetensors: tensor ${name} is missing`);
    if (entry.shape.join() !== shape.join()) {
      throw new ModelError(
        'model_invalid',
        `model.safetensors: expected tensor ${name} as [${shape.join(', ')}], got [${entry.shape.join(', ')}]`,
      );
    }
    types.add(entry.dtype);
  }
  const [type] = types;
  if (types.size === 1 && (type === 'F32' || type === 'F16' || type === 'BF16')) return type;
  throw new ModelError(
    'model_unsupported',
    `model.safetensors: expected all tensors as F32, F16 or BF16, got ${[...types].join(' and ')}`,
  );
}
