import { createHash, type Hash } from 'node:crypto';
import { constants, open, rm, type FileHandle } from 'node:fs/promises';
import type { RemoteFile } from './remote-files.js';
import { WrongContentError } from './wrong-content.js';

const CHUNK_BYTES = 1024 * 1024;

/**
 * A file that is being downloaded, perhaps begun by an earlier process, and the hash of what it holds so far.
 *
 * Every byte is written at its own place. The content is known by its hash, so whoever else writes to the file writes the
 * same: two processes that could not lock each other out do not spoil it.
 */
export class PartialFile {
  loadedBytes = 0;
  #hash: Hash;

  private constructor(
    private readonly handle: FileHandle,
    readonly file: RemoteFile,
  ) {
    this.#hash = emptyHash(file);
  }

  /** Takes up what is there. @throws the signal's reason once aborted */
  static async open(name: string, file: RemoteFile, signal?: AbortSignal): Promise<PartialFile> {
    const handle = await open(name, constants.O_RDWR | constants.O_CREAT);
    const part = new PartialFile(handle, file);
    try {
      const { size } = await handle.stat();
      if (size <= file.bytes) {
        await part.#readBack(signal);
        return part;
      }
    } catch (error) {
      await handle.close();
      throw error;
    }
    // Longer than the whole: none of ours.
    await handle.close();
    await rm(name);
    return PartialFile.open(name, file, signal);
  }

  get isWhole(): boolean {
    return this.loadedBytes === this.file.bytes;
  }

  async append(chunk: Uint8Array): Promise<void> {
    if (this.loadedBytes + chunk.length > this.file.bytes) {
      throw this.wrong(`at least ${this.loadedBytes + chunk.length} bytes`);
    }
    for (let offset = 0; offset < chunk.length;) {
      const { bytesWritten } = await this.handle.write(
        chunk,
        offset,
        chunk.length - offset,
        this.loadedBytes + offset,
      );
      offset += bytesWritten;
    }
    this.#take(chunk);
  }

  /** From the first byte again: the server would not go on where this one ended. */
  restart(): void {
    this.loadedBytes = 0;
    this.#hash = emptyHash(this.file);
  }

  /** @throws WrongContentError when the content is not what the hub promised */
  check(): void {
    const digest = this.#hash.digest('hex');
    if (digest !== this.file.hash) throw this.wrong(`hash ${digest}`);
  }

  wrong(got: string): WrongContentError {
    const { name, bytes, hash } = this.file;
    return new WrongContentError(
      `expected ${bytes} bytes of ${name} with hash ${hash}, got ${got}`,
    );
  }

  async sync(): Promise<void> {
    await this.handle.sync();
  }

  async close(): Promise<void> {
    await this.handle.close();
  }

  async #readBack(signal: AbortSignal | undefined): Promise<void> {
    const chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
    while (!this.isWhole) {
      signal?.throwIfAborted();
      const room = Math.min(CHUNK_BYTES, this.file.bytes - this.loadedBytes);
      const { bytesRead } = await this.handle.read(chunk, 0, room, this.loadedBytes);
      if (bytesRead === 0) return;
      this.#take(chunk.subarray(0, bytesRead));
    }
  }

  #take(chunk: Uint8Array): void {
    this.#hash.update(chunk);
    this.loadedBytes += chunk.length;
  }
}

function emptyHash({ algorithm, bytes }: RemoteFile): Hash {
  return algorithm === 'sha256'
    ? createHash('sha256')
    : createHash('sha1').update(`blob ${bytes}\0`);
}
