import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { ModelSource, ResolveOptions } from '../source.js';
import type { RepoCache } from './cache-layout.js';
import { download, isThere } from './download.js';
import { withFileLock } from './file-lock.js';
import type { RemoteFile } from './remote-files.js';

/**
 * Makes sure that a file's content is in the cache. One process at a time brings it; the others wait for that one, see how
 * far it is, and take what it brought, or go on where it ended.
 */
export async function fetchBlob(
  source: ModelSource,
  cache: RepoCache,
  commit: string,
  file: RemoteFile,
  options: ResolveOptions,
): Promise<void> {
  const blob = cache.blob(file.hash);
  if (await isThere(blob)) return;
  await mkdir(path.dirname(blob), { recursive: true });
  const { signal } = options;
  const onWait = watch(`${blob}.incomplete`, file, options);
  await withFileLock(cache.lock(file.hash), { signal, onWait }, async () => {
    if (!(await isThere(blob))) await download(source, commit, file, blob, options);
  });
}

/** Tells of another process's download. */
function watch(
  partial: string,
  { name, bytes }: RemoteFile,
  { onProgress, onNotice }: ResolveOptions,
): () => void {
  let isTold = false;
  return () => {
    if (!isTold) onNotice?.(`Another process is downloading ${name}; waiting for it.`);
    isTold = true;
    void stat(partial).then(
      ({ size }) => onProgress?.({ file: name, loadedBytes: size, totalBytes: bytes }),
      () => undefined,
    );
  };
}
