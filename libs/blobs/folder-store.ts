import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { BlobStoreError, type BlobStore, type LocalBlob, type StoredMedia } from './blob-store.js';

/** Blobs as files in a folder that every part of the service can reach. */
export class FolderStore implements BlobStore {
  readonly #root: string;
  readonly #incoming: string;

  private constructor(root: string) {
    this.#root = root;
    // Same file system as the blobs, so that a rename is atomic.
    this.#incoming = path.join(root, '.incoming');
  }

  static async open(root: string): Promise<FolderStore> {
    const store = new FolderStore(path.resolve(root));
    await guarded('create its folder', () => mkdir(store.#incoming, { recursive: true }));
    return store;
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    await this.#writeAtomically(async (file) => {
      await file.writeFile(bytes);
      return this.#pathOf(key);
    });
  }

  async get(key: string): Promise<Uint8Array | null> {
    return absentAsNull(() => readFile(this.#pathOf(key)));
  }

  async size(key: string): Promise<number | null> {
    return absentAsNull(async () => (await stat(this.#pathOf(key))).size);
  }

  async read(key: string): Promise<Readable | null> {
    const file = await absentAsNull(() => open(this.#pathOf(key)));
    return file === null ? null : file.createReadStream();
  }

  async local(key: string): Promise<LocalBlob | null> {
    if ((await this.size(key)) === null) return null;
    return { path: this.#pathOf(key), release: () => Promise.resolve() };
  }

  async putByHash(source: Readable, keyOf: (sha256: string) => string): Promise<StoredMedia> {
    const hash = createHash('sha256');
    let bytes = 0;
    let sha256 = '';
    await this.#writeAtomically(async (file) => {
      for await (const chunk of source as AsyncIterable<Buffer>) {
        hash.update(chunk);
        bytes += chunk.length;
        await writeWhole(file, chunk);
      }
      sha256 = hash.digest('hex');
      return this.#pathOf(keyOf(sha256));
    });
    return { sha256, bytes };
  }

  async delete(key: string): Promise<void> {
    await guarded('delete', () => rm(this.#pathOf(key), { recursive: true, force: true }));
  }

  /** Writes a temporary file, makes it durable and moves it to the place that `write` returns. */
  async #writeAtomically(write: (file: FileHandle) => Promise<string>): Promise<void> {
    const temporary = path.join(this.#incoming, randomUUID());
    const file = await guarded('write', () => open(temporary, 'wx'));
    try {
      const target = await write(file);
      await guarded('write', async () => {
        await file.sync();
        await file.close();
        await mkdir(path.dirname(target), { recursive: true });
        await rename(temporary, target);
      });
    } catch (error) {
      await file.close().catch(() => undefined);
      await rm(temporary, { force: true });
      throw error;
    }
  }

  #pathOf(key: string): string {
    const parts = key.split('/');
    if (
      key === '' ||
      parts.some((part) => part === '' || part.startsWith('.') || part.includes('\0'))
    ) {
      throw new RangeError(`expected a blob key of plain names separated by "/", got "${key}"`);
    }
    return path.join(this.#root, ...parts);
  }
}

async function writeWhole(file: FileHandle, chunk: Buffer): Promise<void> {
  await guarded('write', async () => {
    for (let offset = 0; offset < chunk.length;) {
      offset += (await file.write(chunk, offset)).bytesWritten;
    }
  });
}

function isAbsent(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    (error.code === 'ENOENT' || error.code === 'ENOTDIR')
  );
}

async function absentAsNull<T>(read: () => Promise<T>): Promise<T | null> {
  return guarded('read', async () => {
    try {
      return await read();
    } catch (error) {
      if (isAbsent(error)) return null;
      throw error;
    }
  });
}

/** Turns a file system's error into one without paths, which may reach a client. */
async function guarded<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof BlobStoreError || error instanceof RangeError) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw new BlobStoreError(`The blob store could not ${what}: ${code}`, { cause: error });
  }
}
