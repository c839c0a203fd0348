import { refusedField } from '../config-fields.js';
import type { VisionTransformer } from '../vision-transformer.js';
import { parseSiglip } from './siglip.js';
import { parseVit } from './vit.js';

type Parse = (json: Readonly<Record<string, unknown>>) => VisionTransformer;

/** The architectures whose graph is built here, by their name in `config.json`. */
const ARCHITECTURES = new Map<string, Parse>([
  ['SiglipForImageClassification', parseSiglip],
  ['ViTForImageClassification', parseVit],
]);

/** Whether a checkpoint of this configuration can be read from its safetensors. */
export function isKnownArchitecture(json: Readonly<Record<string, unknown>>): boolean {
  return ARCHITECTURES.has(architectureOf(json) ?? '');
}

/** @param json `config.json` @throws ModelError naming the field that isn't understood */
export function parseArchitecture(json: Readonly<Record<string, unknown>>): VisionTransformer {
  const architecture = architectureOf(json);
  const parse = ARCHITECTURES.get(architecture ?? '');
  if (parse !== undefined) return parse(json);
  const known = [...ARCHITECTURES.keys()].join(' or ');
  throw refusedField('config.json', 'architectures', known, architecture);
}

function architectureOf({ architectures }: Readonly<Record<string, unknown>>): string | undefined {
  const first: unknown = Array.isArray(architectures) ? architectures[0] : undefined;
  return typeof first === 'string' ? first : undefined;
}
