import {
  ApplicationFailure,
  CancelledFailure,
  TerminatedFailure,
  TimeoutFailure,
} from '@temporalio/common';
import { isFailureCode } from '../../../workflows/contracts/failure-codes.js';
import { Problem } from './problem.js';

/**
 * The problem that a failed run is to a client.
 *
 * @param cause what ended the run: the `cause` of a `WorkflowFailedError`
 */
export function problemOfFailedRun(cause: unknown, analysisId: string): Problem {
  const options = { cause, members: { id: analysisId } };
  if (cause instanceof ApplicationFailure && isFailureCode(cause.type)) {
    return new Problem(cause.type, cause.message, options);
  }
  if (cause instanceof CancelledFailure) {
    return new Problem(
      'analysis_cancelled',
      'The analysis was cancelled before it ended.',
      options,
    );
  }
  if (cause instanceof TerminatedFailure) {
    return new Problem(
      'analysis_terminated',
      'The analysis was terminated before it ended.',
      options,
    );
  }
  if (cause instanceof TimeoutFailure) {
    // The server's own limit, which the workflow's deadline comes before unless no worker runs the workflow.
    return new Problem(
      'deadline_exceeded',
      'The analysis did not finish within its deadline.',
      options,
    );
  }
  return new Problem('internal_error', String(cause), options);
}
