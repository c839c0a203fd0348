import { CancellationScope, isCancellation } from '@temporalio/workflow';
import { withinDeadline } from './deadline.js';
import { failureOf } from './failure-of.js';
import type { RunView } from './run-view.js';

/**
 * Runs a recipe within its deadline, and tells operators how it ended where it did not succeed.
 *
 * @throws ApplicationFailure whose `type` is a `FailureCode`, or the cancellation
 */
export async function runToEnd<T>(
  view: RunView,
  deadlineSeconds: number | undefined,
  recipe: () => Promise<T>,
): Promise<T> {
  try {
    return await withinDeadline(deadlineSeconds, () => view.state(), recipe);
  } catch (error) {
    const failure = isCancellation(error) ? null : failureOf(error);
    await CancellationScope.nonCancellable(() => {
      if (failure === null) view.cancelled();
      else view.failed(failure);
      return Promise.resolve();
    });
    throw failure ?? error;
  }
}
