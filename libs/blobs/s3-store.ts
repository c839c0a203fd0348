import { createHash, randomUUID } from 'node:crypto';
import { pipeline, Readable } from 'node:stream';
import { checkKey, sha256InKey } from './blob-key.js';
import {
  BlobStoreError,
  type BlobEntry,
  type BlobStore,
  type ByteRange,
  type LocalBlob,
  type OnDamaged,
  type Removed,
  type StoredMedia,
} from './blob-store.js';
import { withAttempts } from './s3/attempts.js';
import { Bucket, type S3Object } from './s3/bucket.js';
import { download, isWorthAnother } from './s3/download.js';
import { LocalCopies } from './s3/local-copies.js';
import { guarded, isBeyondEnd, isTaken, toStoreError } from './s3/s3-errors.js';
import type { S3Settings } from './s3/settings.js';
import { hashing, sha256Of } from './sha256.js';

/** Where streams go until their hash is known. */
const INCOMING = 'incoming/';

export interface LocalCopiesSettings {
  /** Folder on this machine. */
  readonly folder: string;
  readonly maxBytes: number;
}

/** Blobs as objects of an S3 bucket, their SHA-256 in the object's metadata. */
export class S3Store implements BlobStore {
  private constructor(
    private readonly bucket: Bucket,
    private readonly settings: S3Settings,
    private readonly copies: LocalCopies,
    private readonly onDamaged: OnDamaged,
  ) {}

  /** Makes no request: the bucket need not be reachable yet. */
  static async open(
    settings: S3Settings,
    copies: LocalCopiesSettings,
    onDamaged: OnDamaged = () => undefined,
  ): Promise<S3Store> {
    const opened = await guarded('create a folder for local copies', () =>
      LocalCopies.open(copies.folder, copies.maxBytes),
    );
    return new S3Store(new Bucket(settings), settings, opened, onDamaged);
  }

  /** @throws the client's own error when the bucket can't be used */
  async check(): Promise<void> {
    await this.bucket.check();
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    const name = this.#nameOf(key);
    await guarded('write', () => this.bucket.put(name, bytes, sha256Of(bytes), false));
  }

  async putOnce(key: string, bytes: Uint8Array): Promise<boolean> {
    const name = this.#nameOf(key);
    return guarded('write', async () => {
      try {
        await this.bucket.put(name, bytes, sha256Of(bytes), true);
        return true;
      } catch (error) {
        if (!isTaken(error)) throw error;
      }
      const found = await this.get(key);
      if (found !== null) return Buffer.compare(found, bytes) === 0;
      await this.put(key, bytes);
      return true;
    });
  }

  async get(key: string): Promise<Uint8Array | null> {
    const name = this.#nameOf(key);
    return guarded('read', () =>
      withAttempts(this.settings.maxAttempts, isWorthAnother, async () => {
        const found = await this.bucket.get(name);
        if (found === null) return null;
        const bytes = Buffer.concat(await found.body.toArray());
        return this.#isRight(key, found, sha256Of(bytes)) ? bytes : null;
      }),
    );
  }

  async size(key: string): Promise<number | null> {
    const name = this.#nameOf(key);
    return guarded('read', async () => (await this.bucket.head(name))?.bytes ?? null);
  }

  async read(key: string, range?: ByteRange): Promise<Readable | null> {
    const name = this.#nameOf(key);
    const found = await guarded('read', async () => {
      try {
        return await this.bucket.get(name, range === undefined ? {} : { range });
      } catch (error) {
        if (!isBeyondEnd(error)) throw error;
        throw new RangeError(
          `expected a range that begins before the blob's end, got ${range?.start ?? 0}`,
          { cause: error },
        );
      }
    });
    if (found === null) return null;
    const check = hashing((sha256) => {
      if (range === undefined && !this.#isRight(key, found, sha256))
        throw new BlobStoreError('The blob store holds other bytes than were stored');
    });
    // A transfer that breaks off is the store's failure to whoever reads.
    const body = Readable.from(mapFailure(found.body));
    return pipeline(body, check, () => undefined);
  }

  async local(key: string): Promise<LocalBlob | null> {
    const name = this.#nameOf(key);
    return guarded('read', async () => {
      const found = await this.bucket.head(name);
      if (found === null) return null;
      return this.copies.use(`${key} ${found.etag}`, found.bytes, async (file) => {
        const { maxAttempts } = this.settings;
        const sha256 = await download(this.bucket, name, found, file, maxAttempts);
        return sha256 !== null && this.#isRight(key, found, sha256);
      });
    });
  }

  async putByHash(source: Readable, keyOf: (sha256: string) => string): Promise<StoredMedia> {
    const hash = createHash('sha256');
    let bytes = 0;
    const failure: { ofSource?: Error } = {};
    const chunks = (async function* () {
      try {
        for await (const chunk of source as AsyncIterable<Buffer>) {
          hash.update(chunk);
          bytes += chunk.length;
          yield chunk;
        }
      } catch (error) {
        // Giving up on the source, as for the store's own failure, fails it too.
        if (error instanceof Error && error.name !== 'AbortError') failure.ofSource = error;
        throw error;
      }
    })();
    const nameOf = (sha256: string): string => {
      try {
        return this.#nameOf(keyOf(sha256));
      } catch (error) {
        // Whoever names the blob may refuse its bytes: no failure of the store.
        if (error instanceof Error) failure.ofSource = error;
        throw error;
      }
    };
    const { head, isWhole } = await takeUpTo(chunks, this.settings.partBytes);
    if (isWhole) {
      // What fits one part is sent to its place at once, as the hash is known before.
      const sha256 = hash.digest('hex');
      const name = nameOf(sha256);
      await guarded('write', () => this.bucket.put(name, head, sha256, false));
      return { sha256, bytes };
    }
    const temporary = `${this.settings.prefix}${INCOMING}${randomUUID()}`;
    const rest = (async function* () {
      yield head;
      yield* chunks;
    })();
    try {
      await this.bucket.upload(temporary, Readable.from(rest));
      const sha256 = hash.digest('hex');
      const name = nameOf(sha256);
      await this.bucket.copy(temporary, name, bytes, sha256);
      return { sha256, bytes };
    } catch (error) {
      source.destroy();
      throw failure.ofSource ?? toStoreError('write', error);
    } finally {
      // What stays behind when this fails too is removed as a leftover.
      await this.bucket.delete([temporary]).catch(() => undefined);
    }
  }

  async renew(key: string): Promise<boolean> {
    const name = this.#nameOf(key);
    return guarded('write', async () => {
      const found = await this.bucket.head(name);
      if (found === null) return false;
      const sha256 = found.sha256 ?? sha256InKey(key);
      if (sha256 === null) return false;
      await this.bucket.copy(name, name, found.bytes, sha256);
      return true;
    });
  }

  async *list(prefix: string, after = ''): AsyncGenerator<BlobEntry> {
    const own = this.settings.prefix;
    const start = after === '' ? '' : own + after;
    try {
      for await (const { key, ...entry } of this.bucket.list(own + prefix, start)) {
        const name = key.slice(own.length);
        if (!name.startsWith(INCOMING)) yield { key: name, ...entry };
      }
    } catch (error) {
      throw toStoreError('list', error);
    }
  }

  async delete(keys: readonly string[]): Promise<void> {
    const names = keys.map((key) => this.#nameOf(key));
    await guarded('delete', () => this.bucket.delete(names));
  }

  async removeLeftovers(before: Date, dryRun: boolean): Promise<Removed> {
    const { prefix } = this.settings;
    let count = 0;
    let bytes = 0;
    await guarded('clean up', async () => {
      for await (const entry of this.bucket.list(prefix + INCOMING, '')) {
        if (entry.modifiedAt >= before) continue;
        if (!dryRun) await this.bucket.delete([entry.key]);
        count += 1;
        bytes += entry.bytes;
      }
      for await (const { key, id, begunAt } of this.bucket.uploads(prefix)) {
        if (begunAt >= before) continue;
        if (!dryRun) await this.bucket.abort(key, id);
        count += 1;
      }
    });
    return { count, bytes };
  }

  async close(): Promise<void> {
    this.bucket.close();
    await this.copies.close();
  }

  #isRight(key: string, object: S3Object, found: string): boolean {
    const expected = sha256InKey(key) ?? object.sha256;
    if (expected === null || expected === found) return true;
    this.onDamaged({ key, expected, found });
    return false;
  }

  #nameOf(key: string): string {
    checkKey(key);
    return this.settings.prefix + key;
  }
}

/** The stream's first `most` bytes or more, and whether that was all. */
async function takeUpTo(
  chunks: AsyncGenerator<Buffer>,
  most: number,
): Promise<{ readonly head: Buffer; readonly isWhole: boolean }> {
  const taken: Buffer[] = [];
  let bytes = 0;
  while (bytes <= most) {
    const next = await chunks.next();
    if (next.done === true) return { head: Buffer.concat(taken), isWhole: true };
    taken.push(next.value);
    bytes += next.value.length;
  }
  return { head: Buffer.concat(taken), isWhole: false };
}

async function* mapFailure(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* body;
  } catch (error) {
    throw toStoreError('read', error);
  }
}
