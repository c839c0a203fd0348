import { ModelError } from '../model-error.js';
import type { LocalModel, ModelSource, ResolveOptions } from '../source.js';
import { RepoCache } from './cache-layout.js';
import { fetchSnapshot } from './snapshot.js';
import { explain, notCached } from './explain.js';
import { askCommit } from './remote-files.js';
import { isOfFiles, isOutage } from './retries.js';

/**
 * Takes the model from the shared Hugging Face cache, and what the cache lacks from the hub. A pinned commit that the
 * cache holds, or `offline`, asks nothing of the network.
 */
export async function resolveFromHub(
  source: ModelSource,
  options: ResolveOptions,
): Promise<LocalModel> {
  const cache = new RepoCache(source.hub.cacheDir, source.modelId, source.revision);
  const cached = await cachedModel(source, cache);
  if (cached !== null && (cache.isPinned || source.hub.offline)) return cached;
  if (source.hub.offline) throw notCached(source);
  try {
    return await fetchModel(source, cache, cached !== null, options);
  } catch (error) {
    options.signal?.throwIfAborted();
    if (cached !== null && isOutage(error)) {
      options.onNotice?.(stale(source, cached));
      return cached;
    }
    throw error instanceof ModelError ? error : explain(error, source, cached);
  }
}

async function cachedModel(source: ModelSource, cache: RepoCache): Promise<LocalModel | null> {
  const commit = await cache.commit();
  const folder = await cache.completeSnapshot(commit);
  if (commit === null || folder === null) return null;
  return { folder, id: source.modelId, revision: commit };
}

async function fetchModel(
  source: ModelSource,
  cache: RepoCache,
  isCached: boolean,
  options: ResolveOptions,
): Promise<LocalModel> {
  // Whoever has an older commit need not wait for a hub that asks to come back later.
  const asked = isCached ? { ...source, hub: { ...source.hub, waitSeconds: 0 } } : source;
  const commit = cache.isPinned ? source.revision : await askCommit(asked, options);
  if ((await cache.completeSnapshot(commit)) === null)
    await fetchSnapshot(source, cache, commit, options);
  await cache.rememberCommit(commit).catch((error: unknown) => {
    // A cache that can't be written is good enough when it has the model.
    if (!isOfFiles(error)) throw error;
  });
  return { folder: cache.snapshot(commit), id: source.modelId, revision: commit };
}

function stale(source: ModelSource, { revision }: LocalModel): string {
  return (
    `The hub at ${source.hub.endpoint} can't be asked now; using the cached commit ${revision} of ` +
    `${source.modelId}, which "${source.revision}" meant when it was last asked for.`
  );
}
