import type { BlobStore } from '../../../libs/blobs/blob-store.js';

/** A JSON blob, or null where there is none. The caller names the type that the blob's key stands for. */
export async function readJson<T>(blobs: BlobStore, key: string): Promise<T | null> {
  const bytes = await blobs.get(key);
  return bytes === null ? null : (JSON.parse(Buffer.from(bytes).toString('utf8')) as T);
}

export async function writeJson(blobs: BlobStore, key: string, value: unknown): Promise<void> {
  await blobs.put(key, Buffer.from(JSON.stringify(value)));
}

/**
 * Writes a JSON blob unless another attempt was quicker: of two that overlap, both go on with what is stored.
 * @returns what is stored now
 */
export async function writeJsonOnce<T>(blobs: BlobStore, key: string, value: T): Promise<T> {
  const isOurs = await blobs.putOnce(key, Buffer.from(JSON.stringify(value)));
  return isOurs ? value : needJson<T>(blobs, key);
}

/** {@link readJson} of a blob that an earlier step has written. */
async function needJson<T>(blobs: BlobStore, key: string): Promise<T> {
  const value = await readJson<T>(blobs, key);
  if (value === null) throw new Error(`expected an earlier step's output at ${key}, found none`);
  return value;
}
