import type { Readable } from 'node:stream';

/** A blob that lies on this machine as a file for as long as it is used. */
export interface LocalBlob {
  readonly path: string;
  /** Ends the use; a copy made for it may be removed from then on. */
  release(): Promise<void>;
}

export interface StoredMedia {
  readonly sha256: string;
  readonly bytes: number;
}

/** Bytes from `start` to `end`, both counted from 0 and both included. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export interface BlobEntry {
  readonly key: string;
  readonly bytes: number;
  /** When it was written, or renewed. */
  readonly modifiedAt: Date;
}

/** What a cleaning found, and unless it was a dry run removed. */
export interface Removed {
  readonly count: number;
  readonly bytes: number;
}

/**
 * Where media, crops, scores and results lie. Keys are relative, `/`-separated names of printable ASCII. Writes are atomic:
 * a key has all its bytes or does not exist. What is read whole is held against the SHA-256 that was stored with it: a blob
 * that fails is told to the log and counts as not there, so that it is made anew.
 *
 * Every method may throw BlobStoreError `storage_unavailable`.
 */
export interface BlobStore {
  /** Stores the bytes, in place of what the key had. */
  put(key: string, bytes: Uint8Array): Promise<void>;
  /**
   * Stores the bytes unless the key has an intact blob. Of several that try at once one succeeds.
   * @returns whether these are the bytes that the key has now
   */
  putOnce(key: string, bytes: Uint8Array): Promise<boolean>;
  /** The blob's bytes, or null where there is none that is intact. */
  get(key: string): Promise<Uint8Array | null>;
  /** Size in bytes, or null where there is none. The bytes are not looked at. */
  size(key: string): Promise<number | null>;
  /**
   * A stream of the blob, or null where there is none. It fails at its end when the blob turns out to be damaged; a part of
   * a blob can't be checked.
   * @throws RangeError for a range that begins beyond the blob's end
   */
  read(key: string, range?: ByteRange): Promise<Readable | null>;
  /** The blob as a local file, for tools that need to seek; null where there is none that is intact. */
  local(key: string): Promise<LocalBlob | null>;
  /**
   * Stores a stream under the SHA-256 of its own bytes, never holding more than a few parts of it in memory.
   * @param keyOf names the blob; its last part is the hash in lower-case hexadecimal digits. What it throws is thrown, and
   *   nothing is kept: so a caller refuses the bytes by their hash
   */
  putByHash(source: Readable, keyOf: (sha256: string) => string): Promise<StoredMedia>;
  /** Makes the blob count as written now. @returns false where there is none that is intact */
  renew(key: string): Promise<boolean>;
  /**
   * The blobs whose keys begin with `prefix`, fetched in pages as they are asked for, in a fixed order that keeps those of
   * one folder together.
   * @param after a key of an earlier list: goes on behind it
   */
  list(prefix: string, after?: string): AsyncIterable<BlobEntry>;
  /** Deletes blobs; those that are not there are none's trouble. */
  delete(keys: readonly string[]): Promise<void>;
  /** Removes what writers that died have left half done, where it is older than `before`. */
  removeLeftovers(before: Date, dryRun: boolean): Promise<Removed>;
  /** Frees what this process holds of the store: connections and local copies. */
  close(): Promise<void>;
}

/** The store can't be read or written now; another attempt may succeed. */
export class BlobStoreError extends Error {
  override readonly name = 'BlobStoreError';
  readonly code = 'storage_unavailable';
}

/** Told of a blob whose bytes are not those that were stored. */
export type OnDamaged = (damaged: {
  readonly key: string;
  /** SHA-256 as stored, and of what is there. */
  readonly expected: string;
  readonly found: string;
}) => void;
