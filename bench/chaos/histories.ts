import { Client, Connection } from '@temporalio/client';

/** What the server's own record says of all runs. */
export interface RunRecords {
  readonly runs: number;
  /** Runs of an analysis beyond its first. */
  readonly again: readonly string[];
  /** Runs that did not succeed. */
  readonly unsuccessful: readonly string[];
  /** Failures and tries that ran out within runs, other than those of a workflow task that another worker took over. */
  readonly failures: readonly string[];
  /** Attempts at activities beyond the first that were recorded. */
  readonly retriedActivities: number;
}

/** Reads the histories of all runs. */
export async function readRecords(address: string): Promise<RunRecords> {
  const connection = await Connection.connect({ address });
  try {
    const client = new Client({ connection });
    const seen = new Set<string>();
    const again: string[] = [];
    const unsuccessful: string[] = [];
    const failures: string[] = [];
    let runs = 0;
    let retriedActivities = 0;
    for await (const { workflowId, runId, status } of client.workflow.list()) {
      runs += 1;
      if (seen.has(workflowId)) again.push(workflowId);
      seen.add(workflowId);
      if (status.name !== 'COMPLETED') unsuccessful.push(`${workflowId}: ${status.name}`);
      const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
      for (const event of events ?? []) {
        const started = event.activityTaskStartedEventAttributes;
        if ((started?.attempt ?? 1) > 1) retriedActivities += 1;
        const failure =
          event.activityTaskFailedEventAttributes?.failure ??
          event.activityTaskTimedOutEventAttributes?.failure ??
          event.workflowTaskFailedEventAttributes?.failure;
        if (failure) failures.push(`${workflowId}: ${failure.message ?? 'no message'}`);
      }
    }
    return { runs, again, unsuccessful, failures, retriedActivities };
  } finally {
    await connection.close();
  }
}
