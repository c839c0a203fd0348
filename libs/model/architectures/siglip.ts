import { ConfigFields } from '../config-fields.js';
import { isObject } from '../json-file.js';
import { parseLabels } from '../labels.js';
import { readSizes, type TensorNames, type VisionTransformer } from '../vision-transformer.js';

/** Fields that a published configuration leaves out where they equal these. */
const DEFAULTS = {
  image_size: 224,
  patch_size: 16,
  hidden_size: 768,
  intermediate_size: 3072,
  num_hidden_layers: 12,
  num_attention_heads: 12,
  num_channels: 3,
  layer_norm_eps: 1e-6,
  hidden_act: 'gelu_pytorch_tanh',
};

const tensors: TensorNames = {
  patchEmbedding: 'vision_model.embeddings.patch_embedding',
  positions: 'vision_model.embeddings.position_embedding.weight',
  finalNorm: 'vision_model.post_layernorm',
  classifier: 'classifier',
  layer(index) {
    const prefix = `vision_model.encoder.layers.${index}`;
    return {
      attentionNorm: `${prefix}.layer_norm1`,
      query: `${prefix}.self_attn.q_proj`,
      key: `${prefix}.self_attn.k_proj`,
      value: `${prefix}.self_attn.v_proj`,
      attentionOutput: `${prefix}.self_attn.out_proj`,
      mlpNorm: `${prefix}.layer_norm2`,
      mlpUp: `${prefix}.mlp.fc1`,
      mlpDown: `${prefix}.mlp.fc2`,
    };
  },
};

/**
 * SigLIP and SigLIP 2 of fixed resolution: the mean over the patches is classified
 * (Zhai et al., "Sigmoid Loss for Language Image Pre-Training", 2023).
 * @param json `config.json` @throws ModelError naming the field that isn't understood
 */
export function parseSiglip(json: Readonly<Record<string, unknown>>): VisionTransformer {
  const given = isObject(json.vision_config) ? json.vision_config : {};
  const fields = new ConfigFields('config.json', 'vision_config.', { ...DEFAULTS, ...given });
  return {
    architecture: 'SiglipForImageClassification',
    ...readSizes(fields),
    hasQkvBias: true,
    classToken: null,
    labels: parseLabels(json.id2label),
    tensors,
  };
}
