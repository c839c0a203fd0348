import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import type {
  ActivityExecuteInput,
  ActivityInboundCallsInterceptor,
  Next,
} from '@temporalio/worker';
import {
  isFailureCode,
  NON_RETRYABLE_CODES,
  type FailureCode,
} from '../../../workflows/contracts/failure-codes.js';

/**
 * Turns what the libraries throw into a failure whose type is one of the closed failure codes. Errors of the
 * libraries carry a `code`; anything else is an internal error, tried again.
 */
export class FailureCodes implements ActivityInboundCallsInterceptor {
  async execute(
    input: ActivityExecuteInput,
    next: Next<ActivityInboundCallsInterceptor, 'execute'>,
  ): Promise<unknown> {
    try {
      return await next(input);
    } catch (error) {
      throw toFailure(error);
    }
  }
}

function codeOf(code: unknown): FailureCode | null {
  // A model that was loaded and gives no answer; the libraries' other words for models are of their loading.
  if (code === 'model_failed') return 'model_unavailable';
  return isFailureCode(code) ? code : null;
}

function toFailure(error: unknown): Error {
  if (error instanceof ApplicationFailure || error instanceof CancelledFailure) return error;
  const thrown = error instanceof Error ? error : new Error(String(error));
  const known = 'code' in thrown ? codeOf(thrown.code) : null;
  const code = known ?? 'internal_error';
  return ApplicationFailure.create({
    type: code,
    message: thrown.message,
    nonRetryable: NON_RETRYABLE_CODES.includes(code),
    // The causes behind a known failure (a command line, a file's name) are no business of the history's readers.
    ...(known === null ? { cause: thrown } : {}),
  });
}
