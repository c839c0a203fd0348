import { CancellationScope, isCancellation } from '@temporalio/workflow';
import { withinDeadline } from './deadline.js';
import { failureOf } from './failure-of.js';
import type { RunView } from './run-view.js';

interface Deadline {
  /** When the first of the runs that continue one another started, in ms since the epoch. */
  readonly since: number;
  /** Undefined in runs that an earlier release has started: no deadline. */
  readonly seconds: number | undefined;
}

/**
 * Runs a recipe within its deadline, and tells operators how it ended where it did not succeed.
 *
 * @throws ApplicationFailure whose `type` is a `FailureCode`, or the cancellation
 */
export async function runToEnd<T>(
  view: RunView,
  { since, seconds }: Deadline,
  recipe: () => Promise<T>,
): Promise<T> {
  try {
    return await withinDeadline(since, seconds, () => view.state(), recipe);
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
