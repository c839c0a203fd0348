import { describe, expect, it } from 'vitest';
import { parseProcessorConfig } from './processor-config.js';

const processor = {
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
    expect(parseProcessorConfig({ size: 224 }).resample).toBe(3);
    const old = { image_processor_type: 'ViTFeatureExtractor', size: 224 };
    expect(parseProcessorConfig(old)).toMatchObject({ size: 224, resample: 2 });
  });

  it.each([
    [{ size: { shortest_edge: 224 } }, /size .* equal whole height and width/],
    [{ resample: 0 }, /resample .* got 0/],
    [{ do_center_crop: true }, /do_center_crop .* got true/],
    [{ do_normalize: false }, /do_normalize .* got false/],
    [{ image_mean: [0.5] }, /image_mean .* three numbers/],
    [{ image_processor_type: 'CLIPImageProcessor' }, /image_processor_type .* got "CLIPImage/],
  ])('refuses %j', (change, message) => {
    expect(() => parseProcessorConfig({ ...processor, ...change })).toThrow(message);
  });
});
