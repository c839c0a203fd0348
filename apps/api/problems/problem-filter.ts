import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { RouteTable } from '../http/route-table.js';
import { problemOfError } from './problem-of-error.js';
import { Problem } from './problem.js';
import { sendProblem } from './send-problem.js';

/** Answers everything that is thrown while a request is handled, by our code, Nest or Fastify. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly routes: RouteTable) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const problem = problemOfError(error, request);
    sendProblem(
      problem.code === 'not_found' ? this.#methodProblem(request, problem) : problem,
      request,
      http.getResponse<FastifyReply>(),
    );
  }

  /** A known path with another method is a 405 that names the right ones. */
  #methodProblem(request: FastifyRequest, notFound: Problem): Problem {
    const allowed = this.routes.methodsAt(request.url);
    if (allowed.length === 0 || allowed.includes(request.method)) return notFound;
    return new Problem(
      'method_not_allowed',
      `Expected ${allowed.join(' or ')} at this path, got ${request.method}.`,
      { headers: { allow: allowed.join(', ') } },
    );
  }
}
