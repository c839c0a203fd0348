import { setTimeout as sleep } from 'node:timers/promises';
import {
  WorkflowContinuedAsNewError,
  WorkflowFailedError,
  WorkflowNotFoundError,
  type Client,
} from '@temporalio/client';
import type { InferenceActivities } from '../../../workflows/contracts/activities.js';

const RETRY_MS = 500;
/** What asks for the model is answered from memory: where nobody has taken it for so long, nobody is there. */
const UNANSWERED_MS = 5_000;

interface Run {
  readonly workflowId: string;
  readonly runId: string;
}

/** Resolves when a run has ended, in whatever way, or turns out to wait for workers of its model that are away; and at the signal. */
export function runEnd(client: Client, run: Run, signal: AbortSignal): Promise<void> {
  return Promise.race([untilEnded(client, run, signal), untilUnanswered(client, run, signal)]);
}

/** The server tells at once; while it is away it is asked again. */
async function untilEnded(client: Client, run: Run, signal: AbortSignal): Promise<void> {
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

/** Resolves a moment after the run's turn if its question after the model waits for a worker then; else at the signal. */
async function untilUnanswered(client: Client, run: Run, signal: AbortSignal): Promise<void> {
  const { workflowId, runId } = run;
  const aborted = new Promise<void>((resolve) => {
    signal.addEventListener(
      'abort',
      () => {
        resolve();
      },
      { once: true },
    );
  });
  await sleep(UNANSWERED_MS, undefined, { signal, ref: false }).catch(() => undefined);
  if (signal.aborted) return;
  const pending = await client
    .withAbortSignal(signal, () => client.workflow.getHandle(workflowId, runId).describe())
    .then(({ raw }) => raw.pendingActivities ?? [])
    .catch(() => []);
  const isUnanswered = pending.some(
    ({ activityType, lastStartedTime }) =>
      activityType?.name === ('describeModel' satisfies keyof InferenceActivities) &&
      lastStartedTime == null,
  );
  if (!isUnanswered) await aborted;
}
