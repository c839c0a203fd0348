import type { FastifyInstance } from 'fastify';
import { Problem } from '../problems/problem.js';

/** The server's end: from `begin` on new requests are refused and those that wait for an analysis stop waiting. */
export class Draining {
  readonly #controller = new AbortController();

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  begin(): void {
    this.#controller.abort(shuttingDown());
  }

  /** Refuses requests that come on connections opened before the end began, and lets none of these stay open. */
  guard(fastify: FastifyInstance): void {
    fastify.addHook('onSend', (_request, reply, _payload, done) => {
      if (this.signal.aborted) reply.header('connection', 'close');
      done();
    });
    fastify.addHook('onRequest', (_request, _reply, done) => {
      if (!this.signal.aborted) {
        done();
        return;
      }
      done(shuttingDown());
    });
  }
}

function shuttingDown(): Problem {
  return new Problem('shutting_down', 'This server is shutting down and takes no more requests.');
}
