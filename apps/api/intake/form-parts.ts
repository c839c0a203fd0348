import type { IncomingMessage } from 'node:http';
import type { Multipart } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { Problem } from '../problems/problem.js';

const LOOK_EVERY_MS = 200;
/** Looks in a row at which nothing has moved. */
const LOOKS = 5;

/**
 * A form's parts, one after the other; each must be read before the next is asked for.
 *
 * The parser passes over a part whose header it can't use (no name, a line break in one), and with a longer part it then
 * waits for ever (@fastify/busboy 3.2.6): the client would get no answer, and its upload would keep its place.
 *
 * @throws Problem `invalid_multipart` when the parser takes no more although nobody holds it up
 */
export async function* formParts(request: FastifyRequest): AsyncGenerator<Multipart> {
  const parts = request.parts();
  for (;;) {
    const watch = new AbortController();
    try {
      const next = await Promise.race([parts.next(), standstill(request.raw, watch.signal)]);
      if (next.done === true) return;
      yield next.value;
    } finally {
      watch.abort();
    }
  }
}

/** Rejects once the request's body is held back for a while. A client that sends slowly is something else. */
function standstill(raw: IncomingMessage, signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    let heldBack = 0;
    let before = raw.socket.bytesRead;
    const timer = setInterval(() => {
      const { bytesRead } = raw.socket;
      heldBack = raw.readableFlowing === false && bytesRead === before ? heldBack + 1 : 0;
      before = bytesRead;
      if (heldBack >= LOOKS) reject(unusablePart());
    }, LOOK_EVERY_MS);
    signal.addEventListener('abort', () => {
      clearInterval(timer);
    });
  });
}

const unusablePart = (): Problem =>
  new Problem(
    'invalid_multipart',
    'Expected each part of the form to have a Content-Disposition with a name, and no line break in a name or file name; got a part that has not.',
  );
