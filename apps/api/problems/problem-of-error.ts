import { ForbiddenException, HttpException, NotFoundException } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { BlobStoreError } from '../../../libs/blobs/blob-store.js';
import { problemOfFastify } from './fastify-problems.js';
import { Problem } from './problem.js';

/** The problem behind whatever was thrown while a request was answered; what nobody expected is an internal error. */
export function problemOfError(error: unknown, request: FastifyRequest): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof BlobStoreError) {
    return new Problem('storage_unavailable', `${error.message}.`, { cause: error });
  }
  if (error instanceof NotFoundException) {
    return new Problem('not_found', `Nothing answers ${request.method} at this path.`);
  }
  if (error instanceof ForbiddenException) {
    return new Problem('cross_origin_request', 'The request comes from another web site.', {
      cause: error,
    });
  }
  // Nest wraps what Fastify threw.
  const thrown = error instanceof HttpException ? error.cause : error;
  return (
    problemOfFastify(thrown, request) ??
    new Problem('internal_error', error instanceof Error ? error.message : String(error), {
      cause: error,
    })
  );
}
