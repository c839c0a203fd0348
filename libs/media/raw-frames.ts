import type { Readable } from 'node:stream';

/**
 * Cuts a stream into pieces of `size` bytes, each in a buffer of its own; a last, partial one is dropped. Reads on only when
 * the next piece is asked for. A stream that is destroyed just ends.
 *
 * @param onChunk told whenever bytes have come
 */
export async function* rawFrames(
  stream: Readable,
  size: number,
  onChunk?: () => void,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let frame = new Uint8Array(size);
  let filled = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      onChunk?.();
      for (let offset = 0; offset < chunk.length;) {
        const part = chunk.subarray(offset, offset + size - filled);
        frame.set(part, filled);
        filled += part.length;
        offset += part.length;
        if (filled < size) continue;
        yield frame;
        frame = new Uint8Array(size);
        filled = 0;
      }
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  }
}
