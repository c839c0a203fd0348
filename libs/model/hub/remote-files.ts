import type { ModelSource, ResolveOptions } from '../source.js';
import { briefFetch } from './bounded-fetch.js';
import { withRetries, type Patience } from './retries.js';

/** The hub counts requests in windows of five minutes. */
const WAIT_SECONDS = 300;

/** A file of a commit, with the name that its content has in the cache. */
export interface RemoteFile {
  readonly name: string;
  readonly bytes: number;
  /** SHA-256 of a large file's content; git's blob SHA-1 of a small one's. */
  readonly hash: string;
  readonly algorithm: 'sha256' | 'git-sha1';
}

/** The commit that the source's revision means now. */
export async function askCommit(source: ModelSource, options: ResolveOptions): Promise<string> {
  const { modelInfo } = await hubClient();
  const info = await withRetries(patienceOf(source, options), () =>
    modelInfo({
      name: source.modelId,
      revision: source.revision,
      additionalFields: ['sha'],
      ...requestOptions(source, options.signal),
    }),
  );
  return info.sha;
}

/** Those of the named files that the repository has at a commit. */
export async function askFiles(
  source: ModelSource,
  commit: string,
  names: readonly string[],
  options: ResolveOptions,
): Promise<ReadonlyMap<string, RemoteFile>> {
  const { pathsInfo } = await hubClient();
  const entries = await withRetries(patienceOf(source, options), () =>
    pathsInfo({
      repo: { type: 'model', name: source.modelId },
      revision: commit,
      paths: [...names],
      ...requestOptions(source, options.signal),
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

/** Only when it is asked: it takes 10 MB of memory, for which a model in a folder or a pinned one in the cache has no use. */
function hubClient() {
  return import('@huggingface/hub');
}

function requestOptions(source: ModelSource, signal?: AbortSignal) {
  const { endpoint, token } = source.hub;
  return {
    hubUrl: endpoint.replace(/\/+$/, ''),
    fetch: briefFetch(signal),
    ...(token ? { accessToken: token } : {}),
  };
}

/** How long a source's hub is waited for. */
export function patienceOf({ hub }: ModelSource, { signal, onNotice }: ResolveOptions): Patience {
  return { signal, onNotice, waitSeconds: hub.waitSeconds ?? WAIT_SECONDS };
}
