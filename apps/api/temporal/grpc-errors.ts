import { isGrpcServiceError } from '@temporalio/client';

/** Status codes of gRPC, https://grpc.io/docs/guides/status-codes/ */
const CANCELLED = 1;
const DEADLINE_EXCEEDED = 4;
const NOT_FOUND = 5;
const RESOURCE_EXHAUSTED = 8;
const UNAVAILABLE = 14;

/** The server did not answer in time, is not there, or takes no more. */
export function isUnreachable(error: unknown): boolean {
  return [DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, UNAVAILABLE].includes(codeOf(error));
}

/** Our own deadline or abort signal ended the call. */
export function isEndedByUs(error: unknown): boolean {
  return [DEADLINE_EXCEEDED, CANCELLED].includes(codeOf(error));
}

/** The server knows of no such thing. */
export function isNotFound(error: unknown): boolean {
  return codeOf(error) === NOT_FOUND;
}

function codeOf(error: unknown): number {
  if (isGrpcServiceError(error)) return error.code;
  // The client wraps what a call threw.
  if (error instanceof Error && isGrpcServiceError(error.cause)) return error.cause.code;
  return -1;
}
