import {
  ApplicationFailure,
  CancellationScope,
  isCancellation,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';

/**
 * Runs `work` and cancels it once the run is older than its deadline. A run that an operator has reset is let go on: its deadline may have passed long before the reset, and
 * the server's own timeout, which a reset begins anew, still bounds it.
 *
 * @param startedAt when the first of the runs that continue one another started, in ms since the epoch
 * @param seconds undefined in runs that an earlier release has started: no deadline
 * @param state what the work stands at, in words
 * @throws ApplicationFailure `deadline_exceeded`
 */
export async function withinDeadline<T>(
  startedAt: number,
  seconds: number | undefined,
  state: () => string,
  work: () => Promise<T>,
): Promise<T> {
  if (seconds === undefined) return work();
  const left = Math.max(1, startedAt + seconds * 1000 - Date.now());
  const scope = new CancellationScope();
  const timer = new CancellationScope();
  let isOver = false;
  timer
    .run(() => sleep(left))
    .then(
      () => {
        const { runId, originalExecutionRunId } = workflowInfo();
        if (runId !== originalExecutionRunId) return;
        isOver = true;
        scope.cancel();
      },
      () => undefined,
    );
  try {
    return await scope.run(work);
  } catch (error) {
    if (!isOver || !isCancellation(error)) throw error;
    throw ApplicationFailure.create({
      type: 'deadline_exceeded',
      nonRetryable: true,
      message: `Expected the analysis to end within ${seconds} s of its start; ${state()}. Finished segments are kept`,
    });
  } finally {
    timer.cancel();
  }
}
