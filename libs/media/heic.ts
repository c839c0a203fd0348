import { Worker } from 'node:worker_threads';
import { workerEntry } from '../platform/worker-entry.js';
import type { HeicAnswer, HeicTask } from './heic-thread.js';
import { MediaError } from './media-error.js';
import { unreadable } from './refusals.js';
import type { RasterImage } from './raster-image.js';

export interface HeicOptions {
  readonly maxPixels: number;
  /** Milliseconds that it may take. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/**
 * Decodes a HEIC's main picture: upright, opaque, 8 bits. In a thread of its own, which can be ended at any time and takes its
 * memory with it (WebAssembly's never shrinks, and ends at 2 GB).
 *
 * @throws MediaError `media_unreadable`, `media_too_large`, `decoder_timeout`; the signal's reason once aborted
 */
export async function decodeHeic(
  file: string,
  { maxPixels, timeoutMs, signal }: HeicOptions,
): Promise<RasterImage> {
  signal?.throwIfAborted();
  const workerData: HeicTask = { file, maxPixels };
  // Its output is the library's remarks on what it can't read: taken, and not passed on.
  const worker = new Worker(workerEntry(import.meta.url, './heic-thread.js'), {
    ...{ workerData, env: {}, stdout: true, stderr: true },
  });
  worker.stdout.resume();
  worker.stderr.resume();
  let timer: NodeJS.Timeout | undefined;
  let abort = () => undefined as void;
  try {
    const answer = await new Promise<HeicAnswer>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', (error: Error) => {
        reject(unreadable(`a HEIC picture on which the decoder broke down`, error));
      });
      worker.once('exit', () => {
        reject(unreadable('a HEIC picture on which the decoder broke down'));
      });
      timer = setTimeout(() => {
        reject(tooSlow(timeoutMs));
      }, timeoutMs);
      abort = () => {
        reject(signal?.reason as Error);
      };
      signal?.addEventListener('abort', abort, { once: true });
    });
    if (!('problem' in answer)) return { ...answer, channels: 4 };
    if (answer.problem === 'too_large') throw tooLarge(maxPixels);
    throw unreadable('a HEIC picture that is damaged, or of a kind that the decoder does not know');
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
    await worker.terminate();
  }
}

function tooLarge(maxPixels: number): MediaError {
  const message = `Expected pictures of at most ${maxPixels} pixels, got a larger one. Send it at a smaller size.`;
  return new MediaError('media_too_large', message, { details: { maxPixels } });
}

function tooSlow(timeoutMs: number): MediaError {
  return new MediaError(
    'decoder_timeout',
    `Expected a picture that can be decoded in ${timeoutMs / 1000} s, but it took longer. Save it as JPEG and send it again.`,
    { details: { timeoutMs } },
  );
}
