import { createReadStream } from 'node:fs';
import { createHash } from 'node:crypto';
import { mkdir, open, readFile, readdir, rm, rmdir, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import { pipeline, type Readable } from 'node:stream';
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
import { forgetChecksum, noteChecksum, notedChecksums } from './folder/checksum-file.js';
import { writeDurably, writeWhole, type WrittenFile } from './folder/durable-file.js';
import { absentAsNull, guarded } from './folder/file-errors.js';
import { removeFilesOfTheDead } from './folder/temporary-file.js';
import { walk } from './folder/walk.js';
import { hashing, sha256Of, sha256OfStream } from './sha256.js';

/** Files that are known to be intact; each is a line of text. */
const MOST_KNOWN = 1_000;

/** Blobs as files in a folder that every part of the service can reach. */
export class FolderStore implements BlobStore {
  readonly #root: string;
  readonly #incoming: string;
  /** Identity of each large file that was found intact, so that it is not read again for every use. */
  readonly #intact = new Map<string, string>();

  private constructor(
    root: string,
    private readonly onDamaged: OnDamaged,
  ) {
    this.#root = root;
    // Same file system as the blobs, so that a rename is atomic.
    this.#incoming = path.join(root, '.incoming');
  }

  static async open(root: string, onDamaged: OnDamaged = () => undefined): Promise<FolderStore> {
    const store = new FolderStore(path.resolve(root), onDamaged);
    await guarded('create its folder', () => mkdir(store.#incoming, { recursive: true }));
    await removeFilesOfTheDead(store.#incoming);
    return store;
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    const file = this.#pathOf(key);
    const written = await this.#write(bytes);
    await this.#place(written, key, sha256Of(bytes), () => written.replace(file));
  }

  async putOnce(key: string, bytes: Uint8Array): Promise<boolean> {
    const file = this.#pathOf(key);
    const written = await this.#write(bytes);
    if (await written.moveOnce(file)) {
      // After the move, as those that come too late must not note theirs. Until then it counts as intact.
      await noteChecksum(file, sha256Of(bytes), this.#incoming);
      return true;
    }
    const found = await this.get(key);
    if (found !== null) return Buffer.compare(found, bytes) === 0;
    await this.put(key, bytes);
    return true;
  }

  async get(key: string): Promise<Uint8Array | null> {
    const file = this.#pathOf(key);
    const bytes = await this.#absentAsNull(() => readFile(file));
    if (bytes === null) return null;
    return (await this.#isRight(key, () => sha256Of(bytes))) ? bytes : null;
  }

  async size(key: string): Promise<number | null> {
    return this.#absentAsNull(async () => (await stat(this.#pathOf(key))).size);
  }

  async read(key: string, range?: ByteRange): Promise<Readable | null> {
    const name = this.#pathOf(key);
    const file = await this.#absentAsNull(() => open(name));
    if (file === null) return null;
    if (range === undefined) {
      const expected = await this.#expected(key);
      const check = hashing((found) => {
        if (expected.length === 0 || expected.includes(found)) return;
        this.onDamaged({ key, expected: expected[0] ?? '', found });
        throw new BlobStoreError('The blob store holds other bytes than were stored');
      });
      return pipeline(file.createReadStream(), check, () => undefined);
    }
    const { size } = await file.stat();
    if (range.start < size) return file.createReadStream(range);
    await file.close();
    throw new RangeError(`expected a range that begins before byte ${size}, got ${range.start}`);
  }

  async local(key: string): Promise<LocalBlob | null> {
    if (!(await this.#isIntact(key))) return null;
    return { path: this.#pathOf(key), release: () => Promise.resolve() };
  }

  async putByHash(source: Readable, keyOf: (sha256: string) => string): Promise<StoredMedia> {
    const hash = createHash('sha256');
    let bytes = 0;
    const written = await writeDurably(this.#incoming, async (file) => {
      for await (const chunk of source as AsyncIterable<Buffer>) {
        hash.update(chunk);
        bytes += chunk.length;
        await writeWhole(file, chunk);
      }
    });
    const sha256 = hash.digest('hex');
    let key: string;
    try {
      key = keyOf(sha256);
    } catch (error) {
      // Whoever names the blob may refuse its bytes.
      await written.discard();
      throw error;
    }
    await this.#place(written, key, sha256, () => written.replace(this.#pathOf(key)));
    return { sha256, bytes };
  }

  async renew(key: string): Promise<boolean> {
    if (!(await this.#isIntact(key))) return false;
    const now = new Date();
    const renewed = await absentAsNull(() => utimes(this.#pathOf(key), now, now));
    return renewed !== null;
  }

  list(prefix: string, after = ''): AsyncIterable<BlobEntry> {
    return walk(this.#root, prefix, after);
  }

  async delete(keys: readonly string[]): Promise<void> {
    for (const key of keys) {
      const file = this.#pathOf(key);
      await guarded('delete', async () => {
        // The checksum first: a blob that is left alone is still found by the next attempt.
        await forgetChecksum(file);
        await rm(file, { force: true });
      });
      await this.#removeEmptyFolders(path.dirname(file));
    }
  }

  async removeLeftovers(before: Date, dryRun: boolean): Promise<Removed> {
    let count = 0;
    let bytes = 0;
    for (const name of await guarded('read', () => readdir(this.#incoming))) {
      const file = path.join(this.#incoming, name);
      const found = await absentAsNull(() => stat(file));
      if (found === null || found.mtime >= before) continue;
      if (!dryRun) await guarded('delete', () => rm(file, { force: true }));
      count += 1;
      bytes += found.size;
    }
    return { count, bytes };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #write(bytes: Uint8Array): Promise<WrittenFile> {
    return writeDurably(this.#incoming, (file) => guarded('write', () => file.writeFile(bytes)));
  }

  /** Notes the checksum of what gets a place, then gives it. */
  async #place<T>(
    written: WrittenFile,
    key: string,
    sha256: string,
    move: () => Promise<T>,
  ): Promise<T> {
    try {
      if (sha256InKey(key) === null) await noteChecksum(this.#pathOf(key), sha256, this.#incoming);
      return await move();
    } catch (error) {
      await written.discard();
      throw error;
    }
  }

  /** Looks at all bytes once; afterwards, as long as it is the same file, only at what the file system says of it. */
  async #isIntact(key: string): Promise<boolean> {
    const file = this.#pathOf(key);
    const found = await this.#absentAsNull(() => stat(file));
    if (found === null) return false;
    const identity = [found.dev, found.ino, found.size, found.mtimeMs].join('-');
    if (this.#intact.get(key) === identity) return true;
    const right = await this.#isRight(key, () => sha256OfStream(createReadStream(file)));
    if (right) {
      this.#intact.set(key, identity);
      const [oldest] = this.#intact.keys();
      if (this.#intact.size > MOST_KNOWN && oldest !== undefined) this.#intact.delete(oldest);
    }
    return right;
  }

  async #isRight(key: string, sha256: () => string | Promise<string>): Promise<boolean> {
    // What an earlier release has stored has no checksum.
    const expected = await this.#expected(key);
    const [newest] = expected;
    if (newest === undefined) return true;
    const found = await guarded('read', async () => sha256());
    if (expected.includes(found)) return true;
    this.onDamaged({ key, expected: newest, found });
    return false;
  }

  async #expected(key: string): Promise<readonly string[]> {
    const named = sha256InKey(key);
    return named === null ? notedChecksums(this.#pathOf(key)) : [named];
  }

  async #removeEmptyFolders(folder: string): Promise<void> {
    for (let each = folder; each !== this.#root; each = path.dirname(each)) {
      try {
        await rmdir(each);
      } catch {
        return;
      }
    }
  }

  /** A blob that isn't there is null; that the whole store isn't there, as a disk that is not mounted, is a failure. */
  async #absentAsNull<T>(read: () => Promise<T>): Promise<T | null> {
    const found = await absentAsNull(read);
    if (found === null && (await absentAsNull(() => stat(this.#incoming))) === null)
      throw new BlobStoreError('The blob store is away: its folder is not there');
    return found;
  }

  #pathOf(key: string): string {
    checkKey(key);
    return path.join(this.#root, ...key.split('/'));
  }
}
