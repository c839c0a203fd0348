import { describe, expect, it } from 'vitest';
import { parseProcessorConfig } from './processor-config.js';

const processor = {
  image_processor_type: 'SiglipImageProcessor',
  size: { height: 224, width: 224 },
  resample: 2,
  image_mean: [0.5, 0.5, 0.5],
  image_std: [0.5, 0.5, 0.5],
};

describe('parseProcessorConfig', () => {
  it('reads size, filter and normalisation', () => {
    expect(parseProcessorConfig(processor)).toEqual({
      size: 224,
      resample: 2,
      rescaleFactor: 1 / 255,
      mean: [0.5, 0.5, 0.5],
      std: [0.5, 0.5, 0.5],
    });
  });

  it('knows the filter that a kind of processor takes where none is named, and the old way to give a size', () => {
    const siglip = { image_processor_type: 'SiglipImageProcessor', size: 224 };
    expect(parseProcessorConfig(siglip).resample).toBe(3);
    const old = { image_processor_type: 'ViTFeatureExtractor', size: 224 };
    expect(parseProcessorConfig(old)).toMatchObject({ size: 224, resample: 2 });
  });

  it('takes the processor that goes with the model where the file names none', () => {
    const untyped = { size: 224 };
    expect(parseProcessorConfig(untyped, { model_type: 'siglip' }).resample).toBe(3);
    expect(parseProcessorConfig(untyped, { model_type: 'vit' }).resample).toBe(2);
    expect(() => parseProcessorConfig(untyped, { model_type: 'swin' })).toThrow(
      /image_processor_type .* got nothing/,
    );
  });

  const convNext = {
    ...processor,
    image_processor_type: 'ConvNextImageProcessor',
    size: { shortest_edge: 384 },
    crop_pct: 0.875,
  };

  it('takes the squashing sizes of a ConvNeXt, and processors that could crop only where they say that they do not', () => {
    expect(parseProcessorConfig(convNext).size).toBe(384);
    const deit = { ...processor, image_processor_type: 'DeiTFeatureExtractor' };
    expect(parseProcessorConfig({ ...deit, do_center_crop: false }).size).toBe(224);
    expect(() => parseProcessorConfig(deit)).toThrow(/do_center_crop .* false, got nothing/);
  });

  it.each([
    [{ size: { shortest_edge: 224 } }, /size .* at least 384, as smaller pictures are cropped/],
    [{ resample: undefined }, /resample .* got nothing/],
    [{ image_std: undefined }, /image_std .* got nothing/],
  ])('refuses %j of a ConvNeXt', (change, message) => {
    expect(() => parseProcessorConfig({ ...convNext, ...change })).toThrow(message);
  });

  it.each([
    [{ size: { shortest_edge: 224 } }, /size .* equal whole height and width/],
    [{ resample: 0 }, /resample .* got 0/],
    [{ do_center_crop: true }, /do_center_crop .* got true/],
    [{ do_pad: true }, /do_pad .* got true/],
    [{ image_processor_type: 'EfficientNetImageProcessor' }, /type .* got "EfficientNet/],
    [{ do_normalize: false }, /do_normalize .* got false/],
    [{ image_mean: [0.5] }, /image_mean .* three numbers/],
    [{ image_std: [0.5, 0, 0.5] }, /image_std .* positive numbers/],
    [{ image_processor_type: 'CLIPImageProcessor' }, /image_processor_type .* got "CLIPImage/],
  ])('refuses %j', (change, message) => {
    expect(() => parseProcessorConfig({ ...processor, ...change })).toThrow(message);
  });
});
