import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import { mediumWork } from './activity-options.js';
import type { AnalysisSummary, ReviewActivities } from './contracts/activities.js';
import type { AggregateAgainRequest } from './contracts/request.js';
import { RunView } from './run-view.js';
import { runToEnd } from './run-to-end.js';

/**
 * A verdict by other thresholds on the scores that another analysis has stored: nothing is decoded or scored again.
 *
 * @throws ApplicationFailure whose `type` is a `FailureCode`
 */
export async function aggregateAgain(again: AggregateAgainRequest): Promise<AnalysisSummary> {
  const view = new RunView(null);
  const startedAt = workflowInfo().startTime.getTime();
  const deadline = { since: startedAt, seconds: again.deadlineSeconds };
  return runToEnd(view, deadline, async () => {
    const { queues, thresholds, of } = again;
    const media = proxyActivities<ReviewActivities>({ ...mediumWork, taskQueue: queues.media });
    const { fake, real } = thresholds;
    const summary = await view.step(
      `aggregate the scores of ${of}: real up to ${real}, fake from ${fake}`,
      queues.media,
      (options) => media.aggregateAgain.executeWithOptions(options, [{ again, startedAt }]),
    );
    view.succeeded(summary);
    return summary;
  });
}
