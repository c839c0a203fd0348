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

const known = [...ARCHITECTURES.keys()].join(' or ');

/** Whether a checkpoint of this configuration can be read from its safetensors. */
export function isKnownArchitecture(json: Readonly<Record<string, unknown>>): boolean {
  return ARCHITECTURES.has(architectureOf(json) ?? '');
}

/** @param json `config.json` @throws ModelError naming the field that isn't understood */
export function parseArchitecture(json: Readonly<Record<string, unknown>>): VisionTransformer {
  const architecture = architectureOf(json);
  const parse = ARCHITECTURES.get(architecture ?? '');
  if (parse !== undefined) {
    refuseOtherProblems(json);
    return parse(json);
  }
  throw refusedField('config.json', 'architectures', known, architecture);
}

/** Labels that don't exclude each other have probabilities of their own, which no softmax gives. */
function refuseOtherProblems({ problem_type: type }: Readonly<Record<string, unknown>>): void {
  const single = 'single_label_classification';
  if (type !== undefined && type !== null && type !== single)
    throw refusedField('config.json', 'problem_type', single, type);
}

/**
 * For a model with nothing that can be read, whose weights may well be there.
 * @throws ModelError when that is because its architecture isn't known
 */
export function refuseUnknownArchitecture(json: Readonly<Record<string, unknown>>): void {
  if (isKnownArchitecture(json)) return;
  const expected = `${known}, or a graph in the model's files`;
  throw refusedField('config.json', 'architectures', expected, architectureOf(json));
}

/** The architecture's name, where there is one. */
export function architectureOf({
  architectures,
}: Readonly<Record<string, unknown>>): string | undefined {
  const first: unknown = Array.isArray(architectures) ? architectures[0] : undefined;
  return typeof first === 'string' ? first : undefined;
}
