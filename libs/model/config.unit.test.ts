import { describe, expect, it } from 'vitest';
import { parseProcessorConfig, parseSiglipConfig } from './config.js';

const published = {
  architectures: ['SiglipForImageClassification'],
  id2label: { '0': 'Fake', '1': 'Real' },
  vision_config: { model_type: 'siglip_vision_model' },
};

describe('parseSiglipConfig', () => {
  it("takes SigLIP's defaults for what a published configuration leaves out", () => {
    expect(parseSiglipConfig(published)).toEqual({
      architecture: 'SiglipForImageClassification',
      imageSize: 224,
      patchSize: 16,
      hiddenSize: 768,
      intermediateSize: 3072,
      layers: 12,
      heads: 12,
      layerNormEpsilon: 1e-6,
      activation: 'gelu_pytorch_tanh',
      labels: ['Fake', 'Real'],
    });
  });

  it.each([
    [
      { architectures: ['ViTForImageClassification'] },
      /architectures .* got "ViTForImageClassification"/,
    ],
    [{ vision_config: { hidden_act: 'relu' } }, /hidden_act .* got "relu"/],
    [{ vision_config: { num_hidden_layers: 'many' } }, /num_hidden_layers .* got "many"/],
    [{ vision_config: { image_size: 225 } }, /image_size .* multiple of 16, got 225/],
    [{ vision_config: { num_channels: 4 } }, /num_channels .* got 4/],
    [{ id2label: { '0': 'Fake', '2': 'Real' } }, /id2label\.1 .* got nothing/],
  ])('refuses %j', (change, message) => {
    expect(() => parseSiglipConfig({ ...published, ...change })).toThrow(message);
  });
});

describe('parseProcessorConfig', () => {
  const processor = {
    size: { height: 224, width: 224 },
    resample: 2,
    image_mean: [0.5, 0.5, 0.5],
    image_std: [0.5, 0.5, 0.5],
  };

  it('reads size, filter and normalisation', () => {
    expect(parseProcessorConfig(processor)).toEqual({
      size: 224,
      resample: 2,
      rescaleFactor: 1 / 255,
      mean: [0.5, 0.5, 0.5],
      std: [0.5, 0.5, 0.5],
    });
  });

  it.each([
    [{ size: { shortest_edge: 224 } }, /size .* equal whole height and width/],
    [{ resample: 0 }, /resample .* got 0/],
    [{ do_center_crop: true }, /do_center_crop .* got true/],
    [{ do_normalize: false }, /do_normalize .* got false/],
    [{ image_mean: [0.5] }, /image_mean .* three numbers/],
  ])('refuses %j', (change, message) => {
    expect(() => parseProcessorConfig({ ...processor, ...change })).toThrow(message);
  });
});
