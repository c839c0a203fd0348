import { stat } from 'node:fs/promises';
import path from 'node:path';
import { isKnownArchitecture } from './architectures/parse.js';
import { isObject, readModelJson } from './json-file.js';
import { ModelError } from './model-error.js';

/** What every model's folder must hold beside its weights; read first, as it decides what the weights are. */
export const CONFIG_FILES = ['config.json', 'preprocessor_config.json'] as const;

export const SINGLE_WEIGHTS = 'model.safetensors';
/** Says which shard holds which tensor. */
export const SHARD_INDEX = 'model.safetensors.index.json';
/** A graph of the repository's own, as transformers.js lays it out. */
export const ONNX_GRAPH = 'onnx/model.onnx';
/** Where a graph over 2 GB keeps its weights. */
export const ONNX_WEIGHTS = 'onnx/model.onnx_data';

/** What a model's weights may be, for messages. */
export const expectedWeights = `${SINGLE_WEIGHTS}, ${SHARD_INDEX} with its shards, or ${ONNX_GRAPH}`;

const SHARD_NAME = /^[\w.-]+\.safetensors$/;

/**
 * The weight files of a model, given which files its repository or folder has. Safetensors come first where the
 * architecture is one whose graph is built here.
 * @param config `config.json` @param has whether the model has a file @param readIndex reads {@link SHARD_INDEX}
 * @returns null when there are none that can be read
 */
export async function weightFiles(
  config: Readonly<Record<string, unknown>>,
  has: (name: string) => Promise<boolean>,
  readIndex: () => Promise<Record<string, unknown>>,
): Promise<readonly string[] | null> {
  if (isKnownArchitecture(config)) {
    if (await has(SINGLE_WEIGHTS)) return [SINGLE_WEIGHTS];
    if (await has(SHARD_INDEX)) return [SHARD_INDEX, ...shardsOf(await readIndex())];
  }
  if (!(await has(ONNX_GRAPH))) return null;
  return (await has(ONNX_WEIGHTS)) ? [ONNX_GRAPH, ONNX_WEIGHTS] : [ONNX_GRAPH];
}

/** The shards' names. @throws ModelError when the index makes no sense or a name could lead elsewhere */
function shardsOf({ weight_map: map }: Readonly<Record<string, unknown>>): string[] {
  const names = isObject(map) ? [...new Set(Object.values(map))] : [];
  if (
    names.length > 0 &&
    names.every((name) => typeof name === 'string' && SHARD_NAME.test(name))
  ) {
    return (names as string[]).sort();
  }
  throw new ModelError(
    'model_invalid',
    `expected weight_map of ${SHARD_INDEX} to name safetensors files, got ${JSON.stringify(names)}`,
  );
}

/** The model's files that lie in a folder, and those that it lacks; a link to nothing counts as lacking. */
export async function filesIn(
  folder: string,
): Promise<{ readonly weights: readonly string[]; readonly missing: readonly string[] }> {
  const has = async (name: string) => {
    const entry = await stat(path.join(folder, name)).catch(() => null);
    return entry?.isFile() === true;
  };
  const lacking = async (names: readonly string[]) => {
    const found = await Promise.all(names.map(has));
    return names.filter((_, index) => found[index] !== true);
  };
  const missing = await lacking(CONFIG_FILES);
  if (missing.includes('config.json')) return { weights: [], missing };
  const weights = await weightFiles(await readModelJson(folder, 'config.json'), has, () =>
    readModelJson(folder, SHARD_INDEX),
  );
  if (weights === null) return { weights: [], missing: [...missing, expectedWeights] };
  return { weights, missing: [...missing, ...(await lacking(weights))] };
}
