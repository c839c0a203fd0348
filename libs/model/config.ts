import { isObject } from './json-file.js';
import { ModelError } from './model-error.js';
import type { Resample } from './pillow-resize.js';

/** What the graph builder needs to know of a SigLIP image classifier. */
export interface SiglipConfig {
  readonly architecture: 'SiglipForImageClassification';
  readonly imageSize: number;
  readonly patchSize: number;
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly layerNormEpsilon: number;
  readonly activation: 'gelu_pytorch_tanh' | 'gelu';
  /** By index of the logit. */
  readonly labels: readonly string[];
}

/** How a picture becomes numbers. */
export interface ProcessorConfig {
  /** Side of the square that pictures are squashed to, in pixels. */
  readonly size: number;
  readonly resample: Resample;
  readonly rescaleFactor: number;
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}

/** SigLIP's defaults: a published configuration leaves out the fields that equal them. */
const VISION_DEFAULTS = {
  image_size: 224,
  patch_size: 16,
  hidden_size: 768,
  intermediate_size: 3072,
  num_hidden_layers: 12,
  num_attention_heads: 12,
  num_channels: 3,
  layer_norm_eps: 1e-6,
  hidden_act: 'gelu_pytorch_tanh',
} as const;

/** @param json `config.json` @throws ModelError naming the field that isn't understood */
export function parseSiglipConfig(json: Record<string, unknown>): SiglipConfig {
  const architectures: unknown = json.architectures;
  const architecture: unknown = Array.isArray(architectures) ? architectures[0] : undefined;
  if (architecture !== 'SiglipForImageClassification') {
    throw refused('config.json', 'architectures', 'SiglipForImageClassification', architecture);
  }
  const vision: Record<string, unknown> = {
    ...VISION_DEFAULTS,
    ...(isObject(json.vision_config) ? json.vision_config : {}),
  };
  const whole = (name: keyof typeof VISION_DEFAULTS): number => {
    const value = vision[name];
    if (typeof value === 'number' && Number.isInteger(value) && value > 0) return value;
    throw refused('config.json', `vision_config.${name}`, 'a positive whole number', value);
  };
  const epsilon = vision.layer_norm_eps;
  if (typeof epsilon !== 'number' || !(epsilon > 0)) {
    throw refused('config.json', 'vision_config.layer_norm_eps', 'a positive number', epsilon);
  }
  const activation = vision.hidden_act;
  if (activation !== 'gelu_pytorch_tanh' && activation !== 'gelu') {
    throw refused(
      'config.json',
      'vision_config.hidden_act',
      'gelu_pytorch_tanh or gelu',
      activation,
    );
  }
  if (vision.num_channels !== 3) {
    throw refused('config.json', 'vision_config.num_channels', '3', vision.num_channels);
  }
  const config: SiglipConfig = {
    architecture,
    imageSize: whole('image_size'),
    patchSize: whole('patch_size'),
    hiddenSize: whole('hidden_size'),
    intermediateSize: whole('intermediate_size'),
    layers: whole('num_hidden_layers'),
    heads: whole('num_attention_heads'),
    layerNormEpsilon: epsilon,
    activation,
    labels: parseLabels(json.id2label),
  };
  if (config.imageSize % config.patchSize !== 0) {
    throw refused(
      'config.json',
      'vision_config.image_size',
      `a multiple of ${config.patchSize}`,
      config.imageSize,
    );
  }
  if (config.hiddenSize % config.heads !== 0) {
    throw refused(
      'config.json',
      'vision_config.hidden_size',
      `a multiple of ${config.heads}`,
      config.hiddenSize,
    );
  }
  return config;
}

function parseLabels(id2label: unknown): readonly string[] {
  if (!isObject(id2label))
    throw refused('config.json', 'id2label', 'an object of index to label', id2label);
  const count = Object.keys(id2label).length;
  return Array.from({ length: count }, (_, index) => {
    const label = id2label[String(index)];
    if (typeof label === 'string') return label;
    throw refused('config.json', `id2label.${index}`, 'a label', label);
  });
}

/** @param json `preprocessor_config.json` @throws ModelError naming the field that isn't understood */
export function parseProcessorConfig(json: Record<string, unknown>): ProcessorConfig {
  const file = 'preprocessor_config.json';
  for (const step of ['do_resize', 'do_rescale', 'do_normalize']) {
    if (json[step] !== undefined && json[step] !== true)
      throw refused(file, step, 'true', json[step]);
  }
  if (json.do_center_crop === true) throw refused(file, 'do_center_crop', 'false', true);
  const size: Record<string, unknown> = isObject(json.size) ? json.size : {};
  if (
    typeof size.height !== 'number' ||
    !Number.isInteger(size.height) ||
    size.height !== size.width
  ) {
    throw refused(file, 'size', 'equal whole height and width', json.size);
  }
  const resample = json.resample ?? 3;
  if (resample !== 1 && resample !== 2 && resample !== 3) {
    throw refused(file, 'resample', '1 (Lanczos), 2 (bilinear) or 3 (bicubic)', resample);
  }
  const rescaleFactor = json.rescale_factor ?? 1 / 255;
  if (typeof rescaleFactor !== 'number' || !(rescaleFactor > 0)) {
    throw refused(file, 'rescale_factor', 'a positive number', rescaleFactor);
  }
  return {
    size: size.height,
    resample,
    rescaleFactor,
    mean: threeNumbers(json.image_mean, 'image_mean'),
    std: threeNumbers(json.image_std, 'image_std'),
  };
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
  throw refused('preprocessor_config.json', field, 'three numbers', value);
}

function refused(file: string, field: string, expected: string, got: unknown): ModelError {
  return new ModelError(
    'model_unsupported',
    `expected ${field} of ${file} to be ${expected}, got ${JSON.stringify(got) ?? 'nothing'}`,
  );
}
