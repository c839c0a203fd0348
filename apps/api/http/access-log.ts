import type { FastifyInstance } from 'fastify';

/** One line a request, with the request's ID, which the client gets in `X-Request-Id` and in each problem's `instance`. */
export function logRequests(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    done();
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    const { method } = request;
    // Without the query, which may carry what does not belong into a log.
    const path = request.url.split('?', 1)[0] ?? '';
    // Probes ask every few seconds, and an unhealthy answer is what they ask for.
    const level = path.startsWith('/health') ? 'debug' : reply.statusCode >= 500 ? 'warn' : 'info';
    request.log[level](
      {
        method,
        path,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
      },
      'answered',
    );
    done();
  });
  fastify.addHook('onRequestAbort', (request, done) => {
    request.log.info({ method: request.method, path: request.url.split('?', 1)[0] }, 'client left');
    done();
  });
}
