import type { IncomingMessage } from 'node:http';
import { Problem } from '../../problems/problem.js';
import { SlownessWatch, type Pace } from './slowness-watch.js';
import { mediaTooLarge } from './too-large.js';
import { unreachable } from './unreachable.js';

/**
 * The bytes of an answer, failing as soon as there are too many, too few came in time or the answer is cut. Time in which
 * nobody asks for bytes, because the store is slow, does not count.
 *
 * @throws Problem `media_too_large`, `media_empty` or `media_url_unreachable`, or the signal's reason
 */
export async function* pacedBody(
  answer: IncomingMessage,
  pace: Pace,
  maxBytes: number,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const watch = new SlownessWatch(pace, (problem) => answer.destroy(problem));
  const onAbort = () => answer.destroy(signal.reason as Error);
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  let bytes = 0;
  try {
    const chunks = answer[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    for (;;) {
      watch.waiting();
      const chunk = await nextChunk(chunks);
      if (chunk === null) break;
      watch.got(chunk.length);
      bytes += chunk.length;
      if (bytes > maxBytes) throw mediaTooLarge(maxBytes);
      yield chunk;
    }
    if (bytes === 0) throw new Problem('media_empty', 'Expected a file at mediaUrl, got 0 bytes.');
  } catch (error) {
    throw signal.aborted ? (signal.reason as Error) : error;
  } finally {
    watch.end();
    signal.removeEventListener('abort', onAbort);
    answer.destroy();
  }
}

async function nextChunk(chunks: AsyncIterator<Buffer>): Promise<Buffer | null> {
  try {
    const next = await chunks.next();
    return next.done === true ? null : next.value;
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw unreachable('cut', 'to send the whole file, but the connection ended before', error);
  }
}
