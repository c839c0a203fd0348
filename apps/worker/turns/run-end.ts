import { setTimeout as sleep } from 'node:timers/promises';
import {
  WorkflowContinuedAsNewError,
  WorkflowFailedError,
  WorkflowNotFoundError,
  type Client,
} from '@temporalio/client';

const RETRY_MS = 500;

interface Run {
  readonly workflowId: string;
  readonly runId: string;
}

/** Resolves when a run has ended, in whatever way, or at the signal. The server tells at once; while it is away it is asked again. */
export async function runEnd(client: Client, run: Run, signal: AbortSignal): Promise<void> {
  const { workflowId, runId } = run;
  const handle = client.workflow.getHandle(workflowId, runId, { followRuns: false });
  while (!signal.aborted) {
    try {
      await client.withAbortSignal(signal, () => handle.result());
      return;
    } catch (error) {
      if (hasEnded(error)) return;
      await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}

function hasEnded(error: unknown): boolean {
  return (
    error instanceof WorkflowFailedError ||
    error instanceof WorkflowContinuedAsNewError ||
    error instanceof WorkflowNotFoundError
  );
}
