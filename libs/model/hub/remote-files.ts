import { modelInfo, pathsInfo } from '@huggingface/hub';
import { ModelError } from '../model-error.js';
import { MODEL_FILES, WEIGHTS_FILE } from '../model-files.js';
import type { ModelSource } from '../source.js';
import { briefFetch } from './bounded-fetch.js';
import { withRetries } from './retries.js';

/** A file of a commit, with the name that its content has in the cache. */
export interface RemoteFile {
  readonly name: string;
  readonly bytes: number;
  /** SHA-256 of a large file's content; git's blob SHA-1 of a small one's. */
  readonly hash: string;
  readonly algorithm: 'sha256' | 'git-sha1';
}

/** The commit that the source's revision means now. */
export async function askCommit(source: ModelSource, signal?: AbortSignal): Promise<string> {
  const info = await withRetries(signal, () =>
    modelInfo({
      name: source.modelId,
      revision: source.revision,
      additionalFields: ['sha'],
      ...requestOptions(source, signal),
    }),
  );
  return info.sha;
}

/** The model's files at a commit. @throws ModelError when one is not there */
export async function askFiles(
  source: ModelSource,
  commit: string,
  signal?: AbortSignal,
): Promise<RemoteFile[]> {
  const entries = await withRetries(signal, () =>
    pathsInfo({
      repo: { type: 'model', name: source.modelId },
      revision: commit,
      paths: [...MODEL_FILES],
      ...requestOptions(source, signal),
    }),
  );
  return MODEL_FILES.map((name) => {
    const entry = entries.find((candidate) => candidate.path === name);
    if (entry?.lfs !== undefined) {
      return { name, bytes: entry.lfs.size, hash: entry.lfs.oid, algorithm: 'sha256' };
    }
    if (entry?.oid !== undefined) {
      return { name, bytes: entry.size, hash: entry.oid, algorithm: 'git-sha1' };
    }
    throw new ModelError(
      'model_unsupported',
      `expected ${name} in the model repository ${source.modelId} at ${commit}, found none. ` +
        (name === WEIGHTS_FILE
          ? 'Weights must be one safetensors file; sharded or pickled weights are not read.'
          : 'Take a model that was saved together with its image processor.'),
    );
  });
}

export function requestOptions(source: ModelSource, signal?: AbortSignal) {
  const { endpoint, token } = source.hub;
  return {
    hubUrl: endpoint.replace(/\/+$/, ''),
    fetch: briefFetch(signal),
    ...(token ? { accessToken: token } : {}),
  };
}
