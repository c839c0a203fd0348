import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Problem } from './problem.js';
import { problemBody, PROBLEM_CONTENT_TYPE } from './problem-body.js';

/** Answers a request with a problem, and logs what the operator must know of it. */
export function sendProblem(problem: Problem, request: FastifyRequest, reply: FastifyReply): void {
  const { status } = problem.entry;
  if (status === 500) request.log.error({ err: problem.cause ?? problem }, problem.message);
  else request.log.debug({ code: problem.code }, problem.message);
  if (reply.sent) return;
  void reply
    .code(status)
    .headers({
      ...problem.headers,
      'content-type': PROBLEM_CONTENT_TYPE,
      // Said here too, as a malformed URL is refused before anything else is.
      'x-content-type-options': 'nosniff',
    })
    .send(JSON.stringify(problemBody(problem, request.id)));
}
