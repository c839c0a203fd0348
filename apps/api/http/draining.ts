import type { FastifyInstance } from 'fastify';
import { Problem } from '../problems/problem.js';

/** The server's end: from `begin` on new requests are refused and those that wait for an analysis stop waiting. */
export class Draining {
  readonly #controller = new AbortController();

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  begin(): void {
    this.#controller.abort(new Error('the server is shutting down'));
  }

  /** Refuses requests that come on connections opened before the end began. */
  guard(fastify: FastifyInstance): void {
    fastify.addHook('onRequest', (_request, reply, done) => {
      if (!this.signal.aborted) {
        done();
        return;
      }
      reply.header('connection', 'close');
      done(
        new Problem('shutting_down', 'This server is shutting down and takes no more requests.'),
      );
    });
  }
}
