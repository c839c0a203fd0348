import type { Readable } from 'node:stream';

/** A blob that lies on this machine as a file for as long as it is used. */
export interface LocalBlob {
  readonly path: string;
  /** Ends the use; a copy made for it is removed. */
  release(): Promise<void>;
}

export interface StoredMedia {
  readonly sha256: string;
  readonly bytes: number;
}

/**
 * Where media, crops, scores and results lie. Keys are relative, `/`-separated names. Writes are atomic: a key
 * has all its bytes or does not exist. Writing a key again replaces it.
 */
export interface BlobStore {
  /** @throws BlobStoreError `storage_unavailable` */
  put(key: string, bytes: Uint8Array): Promise<void>;
  /** The blob's bytes, or null where there is none. */
  get(key: string): Promise<Uint8Array | null>;
  /** Size in bytes, or null where there is none. */
  size(key: string): Promise<number | null>;
  /** A stream of the blob, or null where there is none. */
  read(key: string): Promise<Readable | null>;
  /** The blob as a local file, for tools that need to seek; null where there is none. */
  local(key: string): Promise<LocalBlob | null>;
  /**
   * Stores a stream under the SHA-256 of its own bytes, never holding more than a chunk of it in memory.
   * @param keyOf names the blob by its lower-case hexadecimal hash
   */
  putByHash(source: Readable, keyOf: (sha256: string) => string): Promise<StoredMedia>;
  delete(key: string): Promise<void>;
}

/** The store can't be read or written now; another attempt may succeed. */
export class BlobStoreError extends Error {
  override readonly name = 'BlobStoreError';
  readonly code = 'storage_unavailable';
}
