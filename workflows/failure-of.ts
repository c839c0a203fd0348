import { ApplicationFailure, ActivityFailure, TimeoutFailure } from '@temporalio/common';
import { isFailureCode, type FailureCode } from './contracts/failure-codes.js';

/**
 * The failure that a run ends with: the code and message of what went wrong at the root, wrapped by nothing, so
 * that an operator reads the reason in the first line.
 */
export function failureOf(error: unknown): ApplicationFailure {
  const root = rootOf(error);
  const code: FailureCode =
    root instanceof ApplicationFailure && isFailureCode(root.type) ? root.type : 'internal_error';
  return ApplicationFailure.create({
    type: code,
    message: messageOf(root, error),
    nonRetryable: true,
    cause: error instanceof Error ? error : undefined,
  });
}

function rootOf(error: unknown): unknown {
  let root = error;
  while (root instanceof ActivityFailure && root.cause !== undefined) root = root.cause;
  return root;
}

function messageOf(root: unknown, error: unknown): string {
  if (root instanceof TimeoutFailure) {
    const activity = error instanceof ActivityFailure ? error.activityType : 'an activity';
    return `${activity} did not finish in time (${root.timeoutType})`;
  }
  return root instanceof Error ? root.message : 'The analysis failed for an unknown reason';
}
