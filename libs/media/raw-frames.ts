import type { Readable } from 'node:stream';
import type { SpareBuffers } from './spare-buffers.js';

/**
 * Cuts a stream into pieces of `size` bytes, each in a buffer of its own; a last, partial one is dropped. Reads on only when
 * the next piece is asked for. A stream that is destroyed just ends.
 *
 * @param spare where buffers come from
 * @param onChunk told whenever bytes have come
 */
export async function* rawFrames(
  stream: Readable,
  size: number,
  spare: SpareBuffers,
  onChunk?: () => void,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let frame: Uint8Array<ArrayBuffer> | null = null;
  let filled = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      onChunk?.();
      for (let offset = 0; offset < chunk.length;) {
        // Not before there is something to put in: what the caller is done with by then can be taken.
        frame ??= spare.take(size);
        const part = chunk.subarray(offset, offset + size - filled);
        frame.set(part, filled);
        filled += part.length;
        offset += part.length;
        if (filled < size) continue;
        yield frame;
        frame = null;
        filled = 0;
      }
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  }
}
