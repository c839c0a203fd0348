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

interface Family {
  /** What the family takes where nothing is named; null where that changed with the versions of transformers. */
  readonly defaults: { readonly resample: Resample; readonly meanAndStd: number } | null;
  /** Whether a picture is also cropped unless the file says no. */
  readonly crops?: true;
  /** The side from which on a picture is squashed; below it is cropped. */
  readonly squashesFrom?: number;
}

/** Processors that squash to a square, rescale and normalise, by the start of their name. */
const FAMILIES = new Map<string, Family>([
  ['Siglip', { defaults: { resample: 3, meanAndStd: 0.5 } }],
  ['ViT', { defaults: { resample: 2, meanAndStd: 0.5 } }],
  ['DeiT', { defaults: null, crops: true }],
  ['Beit', { defaults: null, crops: true }],
  ['Pvt', { defaults: null }],
  ['ConvNext', { defaults: null, squashesFrom: 384 }],
]);
const PROCESSOR_TYPE = /^(\w+?)(ImageProcessor|FeatureExtractor)(Fast|Pil)?$/;

/** Old files name no type: the model's kind decides, by `model_type` of `config.json`. */
const PROCESSOR_OF_MODEL = new Map<unknown, string>([
  ['siglip', 'SiglipImageProcessor'],
  ['vit', 'ViTImageProcessor'],
]);

/**
 * @param json `preprocessor_config.json`
 * @param config `config.json`, for files that name no type of processor
 * @throws ModelError naming the field that isn't understood
 */
export function parseProcessorConfig(
  json: Readonly<Record<string, unknown>>,
  config: Readonly<Record<string, unknown>> = {},
): ProcessorConfig {
  const type =
    json.image_processor_type ??
    json.feature_extractor_type ??
    PROCESSOR_OF_MODEL.get(config.model_type);
  const name = typeof type === 'string' ? PROCESSOR_TYPE.exec(type)?.[1] : undefined;
  const family = FAMILIES.get(name ?? '');
  if (family === undefined) {
    const known = [...FAMILIES.keys()].map((start) => `${start}ImageProcessor`).join(' or ');
    throw refusedField(FILE, 'image_processor_type', known, type);
  }
  for (const step of ['do_resize', 'do_rescale', 'do_normalize']) {
    if (json[step] !== undefined && json[step] !== true)
      throw refusedField(FILE, step, 'true', json[step]);
  }
  for (const step of ['do_center_crop', 'do_pad']) {
    const isDone = json[step] ?? (step === 'do_center_crop' && family.crops === true);
    if (isDone !== false) throw refusedField(FILE, step, 'false', json[step]);
  }
  const fields = new ConfigFields(FILE, '', {
    resample: family.defaults?.resample,
    rescale_factor: 1 / 255,
    ...json,
  });
  return {
    size:
      family.squashesFrom === undefined
        ? sideOf(json.size)
        : edgeOf(json.size, family.squashesFrom),
    resample: fields.oneOf('resample', [1, 2, 3]),
    rescaleFactor: fields.positiveNumber('rescale_factor'),
    mean: threeNumbers(json.image_mean ?? repeated(family.defaults?.meanAndStd), 'image_mean'),
    std: spreads(json.image_std ?? repeated(family.defaults?.meanAndStd)),
  };
}

/** Old processors give the side alone. */
function sideOf(size: unknown): number {
  const { height, width } = isObject(size) ? size : { height: size, width: size };
  if (typeof height === 'number' && Number.isInteger(height) && height > 0 && height === width)
    return height;
  throw refusedField(FILE, 'size', 'equal whole height and width', size);
}

function spreads(value: unknown): readonly [number, number, number] {
  const std = threeNumbers(value, 'image_std');
  if (std.every((spread) => spread > 0)) return std;
  throw refusedField(FILE, 'image_std', 'positive numbers', value);
}

/** Of processors that know one edge only. */
function edgeOf(size: unknown, least: number): number {
  const edge = isObject(size) ? size.shortest_edge : size;
  if (typeof edge === 'number' && Number.isInteger(edge) && edge >= least) return edge;
  const expected = `a whole shortest_edge of at least ${least}, as smaller pictures are cropped`;
  throw refusedField(FILE, 'size', expected, size);
}

const repeated = (value: number | undefined) => value && [value, value, value];

function threeNumbers(given: unknown, field: string): readonly [number, number, number] {
  if (
    Array.isArray(given) &&
    given.length === 3 &&
    given.every((n) => typeof n === 'number' && Number.isFinite(n))
  ) {
    return given as [number, number, number];
  }
  throw refusedField(FILE, field, 'three numbers', given);
}
