import { DEFAULT_MODEL } from '../../../workflows/contracts/queues.js';

/** How a model is computed, and on what; which of them go together is the engine's to say. */
export const DTYPES = ['fp32', 'fp16', 'int8', 'int8-fast'] as const;
export type Dtype = (typeof DTYPES)[number];
export const DEVICES = ['cpu', 'webgpu', 'cuda'] as const;
export type Device = (typeof DEVICES)[number];

/** One entry of MODELS: a further model under a name of its own. */
export interface ListedModel {
  readonly alias: string;
  readonly source:
    | { readonly kind: 'hub'; readonly modelId: string; readonly revision: string }
    | { readonly kind: 'folder'; readonly path: string };
  /** Null = as MODEL_DTYPE and DEVICE say. */
  readonly dtype: Dtype | null;
  readonly device: Device | null;
  /** Null = decided by the model's own labels. */
  readonly fakeLabel: string | null;
}

const MAX_ALIAS_LENGTH = 32;
const FORM =
  'alias=owner/name[@revision] or alias=/folder, perhaps with ?dtype=…&device=…&fake_label=… after it';

/**
 * Reads `alias=source?override=value&…`, separated by commas. Values after the `?` may be percent-encoded.
 * @param onProblem told of each thing that is wrong
 */
export function parseModelList(
  text: string,
  onProblem: (problem: string) => void,
): readonly ListedModel[] {
  const entries = text.split(',').map((entry) => entry.trim());
  const models = entries.filter(Boolean).map((entry) => parseEntry(entry, onProblem));
  const seen = new Set<string>();
  for (const { alias } of models) {
    if (seen.has(alias)) onProblem(`expected each alias once, got "${alias}" twice`);
    seen.add(alias);
  }
  return models;
}

function parseEntry(entry: string, onProblem: (problem: string) => void): ListedModel {
  const [named = '', query = ''] = splitOnce(entry, '?');
  const [alias = '', place = ''] = splitOnce(named, '=');
  const source = parseSource(place);
  if (source === null) {
    onProblem(`expected ${FORM}, got "${entry}"`);
  } else if (alias.length > MAX_ALIAS_LENGTH || !/^[a-z0-9._-]+$/.test(alias)) {
    onProblem(
      `expected an alias of at most ${MAX_ALIAS_LENGTH} lower-case letters, digits, dots, dashes and underscores, got "${alias}"`,
    );
  } else if (alias === DEFAULT_MODEL) {
    onProblem(`"${alias}" is the model of MODEL_ID or MODEL_PATH; expected another alias`);
  }
  return {
    alias,
    source: source ?? { kind: 'folder', path: '' },
    ...parseOverrides(alias, query, onProblem),
  };
}

function splitOnce(text: string, separator: string): readonly string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function parseSource(text: string): ListedModel['source'] | null {
  if (/^(\/|\.\.?\/)/.test(text)) return { kind: 'folder', path: text };
  const [, modelId, revision = 'main'] = /^([\w.-]+\/[\w.-]+)(?:@(\S+))?$/.exec(text) ?? [];
  return modelId === undefined ? null : { kind: 'hub', modelId, revision };
}

function parseOverrides(
  alias: string,
  query: string,
  onProblem: (problem: string) => void,
): Pick<ListedModel, 'dtype' | 'device' | 'fakeLabel'> {
  const values = new URLSearchParams(query);
  const oneOf = <T extends string>(name: string, known: readonly T[]): T | null => {
    const value = values.get(name);
    const found = known.find((each) => each === value) ?? null;
    if (value !== null && found === null)
      onProblem(`expected ${name} of "${alias}" to be ${known.join(', ')}, got "${value}"`);
    return found;
  };
  const known = ['dtype', 'device', 'fake_label'];
  for (const name of new Set(values.keys())) {
    if (!known.includes(name))
      onProblem(`expected ${known.join(', ')} after the "?" of "${alias}", got "${name}"`);
    else if (values.getAll(name).length > 1)
      onProblem(`expected ${name} of "${alias}" once, got it more often`);
  }
  const fakeLabel = values.get('fake_label');
  return {
    dtype: oneOf('dtype', DTYPES),
    device: oneOf('device', DEVICES),
    fakeLabel: fakeLabel === '' ? null : fakeLabel,
  };
}
