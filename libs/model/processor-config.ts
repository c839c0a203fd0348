import { ConfigFields, refusedField } from './config-fields.js';
import { isObject } from './json-file.js';
import type { Resample } from './pillow-resize.js';

/** How a picture becomes numbers. */
export interface ProcessorConfig {
  /** Side of the square that pictures are squashed to, in pixels. */
  readonly size: number;
  readonly resample: Resample;
  readonly rescaleFactor: number;
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}

const FILE = 'preprocessor_config.json';
/** Processors that squash to a square, rescale and normalise, with the filter each takes where none is named. */
const DEFAULT_RESAMPLE = new Map<string, Resample>([
  ['Siglip', 3],
  ['ViT', 2],
]);
const PROCESSOR_TYPE = /^(Siglip|ViT)(ImageProcessor|FeatureExtractor)(Fast|Pil)?$/;

/** @param json `preprocessor_config.json` @throws ModelError naming the field that isn't understood */
export function parseProcessorConfig(json: Readonly<Record<string, unknown>>): ProcessorConfig {
  const type = json.image_processor_type ?? json.feature_extractor_type ?? 'SiglipImageProcessor';
  const family = typeof type === 'string' ? PROCESSOR_TYPE.exec(type)?.[1] : undefined;
  if (family === undefined) {
    throw refusedField(
      FILE,
      'image_processor_type',
      'SiglipImageProcessor or ViTImageProcessor',
      type,
    );
  }
  for (const step of ['do_resize', 'do_rescale', 'do_normalize']) {
    if (json[step] !== undefined && json[step] !== true)
      throw refusedField(FILE, step, 'true', json[step]);
  }
  if (json.do_center_crop === true) throw refusedField(FILE, 'do_center_crop', 'false', true);
  const fields = new ConfigFields(FILE, '', {
    resample: DEFAULT_RESAMPLE.get(family),
    rescale_factor: 1 / 255,
    ...json,
  });
  return {
    size: sideOf(json.size),
    resample: fields.oneOf('resample', [1, 2, 3]),
    rescaleFactor: fields.positiveNumber('rescale_factor'),
    mean: threeNumbers(json.image_mean, 'image_mean'),
    std: threeNumbers(json.image_std, 'image_std'),
  };
}

/** Old processors give the side alone. */
function sideOf(size: unknown): number {
  const { height, width } = isObject(size) ? size : { height: size, width: size };
  if (typeof height === 'number' && Number.isInteger(height) && height > 0 && height === width)
    return height;
  throw refusedField(FILE, 'size', 'equal whole height and width', size);
}

function threeNumbers(value: unknown, field: string): readonly [number, number, number] {
  const given: unknown = value ?? [0.5, 0.5, 0.5];
  if (
    Array.isArray(given) &&
    given.length === 3 &&
    given.every((n) => typeof n === 'number' && Number.isFinite(n))
  ) {
    return given as [number, number, number];
  }
  throw refusedField(FILE, field, 'three numbers', value);
}
