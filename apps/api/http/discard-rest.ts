import type { FastifyInstance } from 'fastify';

/** How long a client may go on sending a body that was answered before its end. */
const PATIENCE_MS = 3_000;

/**
 * A request that is refused in the middle of its upload still has bytes under way. Closing at once would reset the
 * connection and lose the answer; reading on for ever would take gigabytes in for nothing. So the rest is
 * read and dropped for a moment, then the connection is closed.
 */
export function discardRestOfRefusedUploads(fastify: FastifyInstance): void {
  fastify.addHook('onResponse', (request, _reply, done) => {
    const { raw } = request;
    if (!raw.complete && !raw.destroyed) {
      raw.unpipe();
      raw.resume();
      const timer = setTimeout(() => {
        if (!raw.complete) raw.socket.destroy();
      }, PATIENCE_MS);
      timer.unref();
      raw.once('close', () => {
        clearTimeout(timer);
      });
    }
    done();
  });
}
