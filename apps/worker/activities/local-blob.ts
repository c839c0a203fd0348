import type { BlobStore } from '../../../libs/blobs/blob-store.js';

/** Gives `use` the path of a blob as a local file for as long as it runs. */
export async function withLocalBlob<T>(
  blobs: BlobStore,
  key: string,
  use: (path: string) => Promise<T>,
): Promise<T> {
  const local = await blobs.local(key);
  if (local === null) throw new Error(`expected the medium at ${key}, found none`);
  try {
    return await use(local.path);
  } finally {
    await local.release();
  }
}
