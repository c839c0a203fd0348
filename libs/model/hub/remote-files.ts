import { modelInfo, pathsInfo } from '@huggingface/hub';
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

/** Those of the named files that the repository has at a commit. */
export async function askFiles(
  source: ModelSource,
  commit: string,
  names: readonly string[],
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, RemoteFile>> {
  const entries = await withRetries(signal, () =>
    pathsInfo({
      repo: { type: 'model', name: source.modelId },
      revision: commit,
      paths: [...names],
      ...requestOptions(source, signal),
    }),
  );
  const files = new Map<string, RemoteFile>();
  for (const { path: name, lfs, oid, size } of entries) {
    if (lfs !== undefined)
      files.set(name, { name, bytes: lfs.size, hash: lfs.oid, algorithm: 'sha256' });
    else if (oid !== undefined)
      files.set(name, { name, bytes: size, hash: oid, algorithm: 'git-sha1' });
  }
  return files;
}

export function requestOptions(source: ModelSource, signal?: AbortSignal) {
  const { endpoint, token } = source.hub;
  return {
    hubUrl: endpoint.replace(/\/+$/, ''),
    fetch: briefFetch(signal),
    ...(token ? { accessToken: token } : {}),
  };
}
