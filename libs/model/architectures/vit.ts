import { ConfigFields } from '../config-fields.js';
import { parseLabels } from '../labels.js';
import { readSizes, type TensorNames, type VisionTransformer } from '../vision-transformer.js';

/** Fields that a published configuration may leave out. */
const DEFAULTS = {
  image_size: 224,
  patch_size: 16,
  hidden_size: 768,
  intermediate_size: 3072,
  num_hidden_layers: 12,
  num_attention_heads: 12,
  num_channels: 3,
  layer_norm_eps: 1e-12,
  hidden_act: 'gelu',
  qkv_bias: true,
};

const tensors: TensorNames = {
  patchEmbedding: 'vit.embeddings.patch_embeddings.projection',
  positions: 'vit.embeddings.position_embeddings',
  finalNorm: 'vit.layernorm',
  classifier: 'classifier',
  layer(index) {
    const prefix = `vit.encoder.layer.${index}`;
    return {
      attentionNorm: `${prefix}.layernorm_before`,
      query: `${prefix}.attention.attention.query`,
      key: `${prefix}.attention.attention.key`,
      value: `${prefix}.attention.attention.value`,
      attentionOutput: `${prefix}.attention.output.dense`,
      mlpNorm: `${prefix}.layernorm_after`,
      mlpUp: `${prefix}.intermediate.dense`,
      mlpDown: `${prefix}.output.dense`,
    };
  },
};

/**
 * ViT: the class token is classified (Dosovitskiy et al., "An Image is Worth 16x16 Words", 2021).
 * @param json `config.json` @throws ModelError naming the field that isn't understood
 */
export function parseVit(json: Readonly<Record<string, unknown>>): VisionTransformer {
  const fields = new ConfigFields('config.json', '', { ...DEFAULTS, ...json });
  return {
    architecture: 'ViTForImageClassification',
    ...readSizes(fields),
    hasQkvBias: fields.oneOf('qkv_bias', [true, false]),
    classToken: 'vit.embeddings.cls_token',
    labels: parseLabels(json.id2label),
    tensors,
  };
}
