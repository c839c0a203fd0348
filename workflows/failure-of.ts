import { ApplicationFailure, ActivityFailure, TimeoutFailure } from '@temporalio/common';
import { isFailureCode, type FailureCode } from './contracts/failure-codes.js';

/**
 * The failure that a run ends with: the code and message of what went wrong at the root, wrapped by nothing, so
 * that an operator reads the reason in the first line.
 *
 * @param where what was being worked on, such as `segment 7/120, 06:00-07:00`; leads the message
 */
export function failureOf(error: unknown, where = ''): ApplicationFailure {
  if (where === '' && error instanceof ApplicationFailure && isFailureCode(error.type))
    return error;
  const root = rootOf(error);
  const message = messageOf(root, error);
  return ApplicationFailure.create({
    type: codeOf(root),
    message: where === '' ? message : `${where}: ${message}`,
    nonRetryable: true,
    cause: error instanceof Error ? error : undefined,
  });
}

function rootOf(error: unknown): unknown {
  let root = error;
  while (root instanceof ActivityFailure && root.cause !== undefined) root = root.cause;
  return root;
}

function codeOf(root: unknown): FailureCode {
  if (root instanceof ApplicationFailure && isFailureCode(root.type)) return root.type;
  if (!(root instanceof TimeoutFailure)) return 'internal_error';
  // A worker that lives sends heartbeats, however slow its work is.
  return root.timeoutType === 'HEARTBEAT' ? 'worker_lost' : 'step_timed_out';
}

function messageOf(root: unknown, error: unknown): string {
  if (root instanceof TimeoutFailure) {
    const activity = error instanceof ActivityFailure ? error.activityType : 'an activity';
    if (root.timeoutType === 'HEARTBEAT')
      return `Expected ${activity} to be finished by a worker, but each one that tried it ended or fell silent`;
    return `Expected ${activity} to end in time, it did not (${root.timeoutType})`;
  }
  return root instanceof Error ? root.message : 'The analysis failed for an unknown reason';
}
