import { Readable } from 'node:stream';
import { Problem } from '../problems/problem.js';

/**
 * The same bytes, failing as soon as there are more than `maxBytes`: a store that reads it keeps nothing of what
 * is too large.
 */
export function limitedStream(source: Readable, maxBytes: number): Readable {
  async function* limited(): AsyncGenerator<Buffer> {
    let bytes = 0;
    for await (const chunk of source as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw uploadTooLarge(maxBytes);
      yield chunk;
    }
  }
  return Readable.from(limited());
}

export function uploadTooLarge(maxBytes: number): Problem {
  return new Problem(
    'upload_too_large',
    `Expected a file of at most ${maxBytes} bytes, got more.`,
    {
      members: { max_bytes: maxBytes },
    },
  );
}
