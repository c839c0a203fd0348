import { createHash, randomUUID, type Hash } from 'node:crypto';
import { mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { downloadFile } from '@huggingface/hub';
import type { ModelSource, ResolveOptions } from '../source.js';
import { BoundedDownload } from './bounded-fetch.js';
import { requestOptions, type RemoteFile } from './remote-files.js';
import { mayPass, pauseBefore } from './retries.js';
import { WrongContentError } from './wrong-content.js';

/** A cut connection is taken up where it broke, as long as bytes keep coming. */
const FRUITLESS_ATTEMPTS = 4;

/**
 * Downloads a file's content to `target`, which appears only when it is whole and its hash is right.
 * @throws Error when the hub can't be reached, breaks off too often or sends other bytes than it promised
 */
export async function download(
  source: ModelSource,
  commit: string,
  file: RemoteFile,
  target: string,
  options: ResolveOptions,
): Promise<void> {
  await mkdir(path.dirname(target), { recursive: true });
  // A name of its own: other processes may be downloading the same file into this cache.
  const temporary = `${target}.${randomUUID()}.incomplete`;
  const handle = await open(temporary, 'wx');
  try {
    const part = new PartialFile(handle, file);
    await fill(part, source, commit, options);
    part.check();
    await handle.sync();
    await handle.close();
    await rename(temporary, target);
  } catch (error) {
    await handle.close().catch(() => undefined);
    await rm(temporary, { force: true });
    throw error;
  }
}

async function fill(
  part: PartialFile,
  source: ModelSource,
  commit: string,
  { signal, onProgress }: ResolveOptions,
): Promise<void> {
  for (let fruitless = 0; part.loadedBytes < part.file.bytes;) {
    const before = part.loadedBytes;
    try {
      for await (const chunk of rest(part, source, commit, signal)) {
        await part.append(chunk);
        const { name, bytes } = part.file;
        onProgress?.({ file: name, loadedBytes: part.loadedBytes, totalBytes: bytes });
      }
    } catch (error) {
      signal?.throwIfAborted();
      fruitless = part.loadedBytes > before ? 1 : fruitless + 1;
      if (fruitless === FRUITLESS_ATTEMPTS || !mayPass(error)) throw error;
      await pauseBefore(fruitless, signal);
      continue;
    }
    if (part.loadedBytes < part.file.bytes) throw part.wrong(`${part.loadedBytes} bytes`);
  }
}

/** What is still to come of the file, as chunks. */
async function* rest(
  part: PartialFile,
  source: ModelSource,
  commit: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const { name, bytes, hash } = part.file;
  const request = requestOptions(source, signal);
  const bounded = new BoundedDownload(signal);
  const url = `${request.hubUrl}/${source.modelId}/resolve/${commit}/${name}`;
  const blob = await downloadFile({
    ...request,
    repo: { type: 'model', name: source.modelId },
    path: name,
    revision: commit,
    fetch: bounded.fetch,
    // Known already: spares the library's own question for it. Plain HTTP can be taken up where it broke.
    downloadInfo: { url, size: bytes, etag: hash },
    xet: false,
  });
  if (blob === null) return;
  const remaining = part.loadedBytes === 0 ? blob : blob.slice(part.loadedBytes);
  yield* bounded.chunks(remaining.stream());
}

/** A file being written, and the hash of what it holds so far. */
class PartialFile {
  loadedBytes = 0;
  readonly #hash: Hash;

  constructor(
    private readonly handle: FileHandle,
    readonly file: RemoteFile,
  ) {
    if (file.algorithm === 'sha256') this.#hash = createHash('sha256');
    else this.#hash = createHash('sha1').update(`blob ${file.bytes}\0`);
  }

  async append(chunk: Uint8Array): Promise<void> {
    if (this.loadedBytes + chunk.length > this.file.bytes) {
      throw this.wrong(`at least ${this.loadedBytes + chunk.length} bytes`);
    }
    this.#hash.update(chunk);
    for (let offset = 0; offset < chunk.length;) {
      offset += (await this.handle.write(chunk, offset)).bytesWritten;
    }
    this.loadedBytes += chunk.length;
  }

  check(): void {
    const digest = this.#hash.digest('hex');
    if (digest !== this.file.hash) throw this.wrong(`hash ${digest}`);
  }

  wrong(got: string): Error {
    const { name, bytes, hash } = this.file;
    return new WrongContentError(
      `expected ${bytes} bytes of ${name} with hash ${hash}, got ${got}`,
    );
  }
}
