import { access } from 'node:fs/promises';
import { readModelJson } from '../json-file.js';
import { ModelError } from '../model-error.js';
import {
  CONFIG_FILES,
  expectedWeights,
  ONNX_GRAPH,
  ONNX_WEIGHTS,
  SHARD_INDEX,
  SINGLE_WEIGHTS,
  weightFiles,
} from '../model-files.js';
import type { ModelSource, ResolveOptions } from '../source.js';
import type { RepoCache } from './cache-layout.js';
import { download } from './download.js';
import { askFiles, type RemoteFile } from './remote-files.js';

/**
 * Downloads what the cache lacks of a commit's model: the configuration first, which decides what the weights are.
 * @throws ModelError when the repository lacks a file
 */
export async function fetchSnapshot(
  source: ModelSource,
  cache: RepoCache,
  commit: string,
  options: ResolveOptions,
): Promise<void> {
  const { signal } = options;
  const asked = [...CONFIG_FILES, SINGLE_WEIGHTS, SHARD_INDEX, ONNX_GRAPH, ONNX_WEIGHTS];
  const files = new Map(await askFiles(source, commit, asked, signal));
  const lacking = (name: string, hint: string) =>
    new ModelError(
      'model_unsupported',
      `expected ${name} in the model repository ${source.modelId} at ${commit}, found none. ${hint}`,
    );
  const bring = async (name: string) => {
    const file = files.get(name);
    if (file === undefined)
      throw lacking(name, 'Take a model that was saved together with its image processor.');
    await bringFile(source, cache, commit, file, options);
  };
  const snapshot = cache.snapshot(commit);
  for (const name of CONFIG_FILES) await bring(name);
  const weights = await weightFiles(
    await readModelJson(snapshot, 'config.json'),
    (name) => Promise.resolve(files.has(name)),
    async () => {
      await bring(SHARD_INDEX);
      return readModelJson(snapshot, SHARD_INDEX);
    },
  );
  if (weights === null) throw lacking(expectedWeights, 'Pickled weights are not read.');
  const shards = weights.filter((name) => !files.has(name));
  if (shards.length > 0) {
    for (const [name, file] of await askFiles(source, commit, shards, signal))
      files.set(name, file);
  }
  for (const name of weights) await bring(name);
}

async function bringFile(
  source: ModelSource,
  cache: RepoCache,
  commit: string,
  file: RemoteFile,
  options: ResolveOptions,
): Promise<void> {
  const blob = cache.blob(file.hash);
  const isThere = await access(blob).then(
    () => true,
    () => false,
  );
  if (!isThere) await download(source, commit, file, blob, options);
  await cache.link(commit, file.name, file.hash);
}
