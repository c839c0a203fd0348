import { describe, expect, it } from 'vitest';
import { gridOf, tensorsOf, tokensOf } from '../vision-transformer.js';
import { parseArchitecture } from './parse.js';

const labels = { id2label: { '0': 'Fake', '1': 'Real' } };
const siglip = {
  architectures: ['SiglipForImageClassification'],
  ...labels,
  vision_config: { model_type: 'siglip_vision_model' },
};
const vit = { architectures: ['ViTForImageClassification'], ...labels };

describe('parseArchitecture', () => {
  it("takes SigLIP's defaults for what a published configuration leaves out", () => {
    expect(parseArchitecture(siglip)).toMatchObject({
      architecture: 'SiglipForImageClassification',
      imageSize: 224,
      patchSize: 16,
      hiddenSize: 768,
      intermediateSize: 3072,
      layers: 12,
      heads: 12,
      layerNormEpsilon: 1e-6,
      activation: 'gelu_pytorch_tanh',
      classToken: null,
      labels: ['Fake', 'Real'],
    });
  });

  it('reads a ViT, whose class token is one more of its sequence', () => {
    const model = parseArchitecture({ ...vit, image_size: 384, qkv_bias: false });
    expect(model).toMatchObject({ hiddenSize: 768, activation: 'gelu', layerNormEpsilon: 1e-12 });
    expect(tokensOf(model)).toBe(24 * 24 + 1);
    const names = tensorsOf(model).map(({ name }) => name);
    expect(names).toContain('vit.embeddings.cls_token');
    expect(names).not.toContain('vit.encoder.layer.0.attention.attention.query.bias');
  });

  it('leaves out the pixels that do not fill a patch', () => {
    const so400m = { hidden_size: 1152, num_attention_heads: 16, intermediate_size: 4304 };
    const vision_config = { ...so400m, image_size: 384, patch_size: 14, num_hidden_layers: 27 };
    const model = parseArchitecture({ ...siglip, vision_config });
    expect(gridOf(model)).toBe(27);
    expect(tensorsOf(model)[2]).toEqual({
      name: 'vision_model.embeddings.position_embedding.weight',
      shape: [729, 1152],
    });
  });

  it.each([
    [{ architectures: ['ResNetForImageClassification'] }, /architectures .* got "ResNetFor/],
    [{ vision_config: { hidden_act: 'relu' } }, /vision_config\.hidden_act .* got "relu"/],
    [{ vision_config: { num_hidden_layers: 'many' } }, /num_hidden_layers .* got "many"/],
    [{ vision_config: { image_size: 8 } }, /image_size .* at least the patch's 16, got 8/],
    [{ vision_config: { num_attention_heads: 7 } }, /hidden_size .* multiple of the 7 heads/],
    [{ vision_config: { num_channels: 4 } }, /num_channels .* got 4/],
    [{ id2label: { '0': 'Fake', '2': 'Real' } }, /id2label\.1 .* got nothing/],
  ])('refuses %j', (change, message) => {
    expect(() => parseArchitecture({ ...siglip, ...change })).toThrow(message);
  });
});
