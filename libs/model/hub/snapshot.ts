import { refuseUnknownArchitecture } from '../architectures/parse.js';
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
import { fetchBlob } from './fetch-blob.js';
import { askFiles } from './remote-files.js';

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
  const asked = [...CONFIG_FILES, SINGLE_WEIGHTS, SHARD_INDEX, ONNX_GRAPH, ONNX_WEIGHTS];
  const files = new Map(await askFiles(source, commit, asked, options));
  const lacking = (name: string, hint: string) =>
    new ModelError(
      'model_unsupported',
      `expected ${name} in the model repository ${source.modelId} at ${commit}, found none. ${hint}`,
    );
  const bring = async (name: string) => {
    const file = files.get(name);
    if (file === undefined)
      throw lacking(name, 'Take a model that was saved together with its image processor.');
    await fetchBlob(source, cache, commit, file, options);
    await cache.link(commit, name, file.hash);
  };
  const snapshot = cache.snapshot(commit);
  for (const name of CONFIG_FILES) await bring(name);
  const config = await readModelJson(snapshot, 'config.json');
  const weights = await weightFiles(
    config,
    (name) => Promise.resolve(files.has(name)),
    async () => {
      await bring(SHARD_INDEX);
      return readModelJson(snapshot, SHARD_INDEX);
    },
  );
  if (weights === null) {
    refuseUnknownArchitecture(config);
    throw lacking(expectedWeights, 'Pickled weights are not read.');
  }
  const shards = weights.filter((name) => !files.has(name));
  if (shards.length > 0) {
    for (const [name, file] of await askFiles(source, commit, shards, options))
      files.set(name, file);
  }
  for (const name of weights) await bring(name);
}
