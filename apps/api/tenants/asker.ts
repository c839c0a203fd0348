import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import './authentication.js';

/** Who asks, and in which request. */
export interface Asker {
  readonly tenant: string;
  /** UUID; the log has the same. */
  readonly requestId: string;
}

function askerOf({ tenant, id }: FastifyRequest): Asker {
  if (tenant === null) throw new Error('expected a route that is not open to everyone');
  return { tenant, requestId: id };
}

/** Who asks, as the parameter of a route's handler. */
export const AskedBy = createParamDecorator((_: unknown, context: ExecutionContext) =>
  askerOf(context.switchToHttp().getRequest<FastifyRequest>()),
);
