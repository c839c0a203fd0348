import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowFailedError } from '@temporalio/client';
import { SEGMENT_SECONDS } from '../../../workflows/segment-plan.js';
import { problemOfFailedRun } from '../problems/failed-run.js';
import { isEndedByUs, isUnreachable } from '../temporal/grpc-errors.js';
import { temporalUnavailable, type Temporal } from '../temporal/temporal.js';
import type { Runs } from './runs.js';

const LOOK_EVERY_MS = 1_000;

interface Wait {
  readonly seconds: number;
  /** Don't wait out a video longer than one segment. */
  readonly leaveLongVideo: boolean;
  /** The client is gone, or the server ends. */
  readonly signal: AbortSignal;
}

/**
 * Waits for a run's end without harm to it: giving up ends the wait, not the run.
 *
 * @returns whether the run has succeeded or still runs
 * @throws Problem of the run's failure
 */
export async function waitForEnd(
  temporal: Temporal,
  runs: Runs,
  analysisId: string,
  { seconds, leaveLongVideo, signal }: Wait,
): Promise<'succeeded' | 'running'> {
  if (seconds === 0 || signal.aborted) return 'running';
  const over = new AbortController();
  // The client adds a listener for each of its polls, of which a busy run answers many.
  setMaxListeners(0, over.signal);
  const stop = () => {
    over.abort();
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([
      result(temporal, runs, analysisId, Date.now() + seconds * 1000, over.signal),
      // An abort between two polls of the line above would be lost on it.
      aborted(over.signal),
      ...(leaveLongVideo ? [longVideo(runs, analysisId, over.signal)] : []),
    ]);
  } finally {
    signal.removeEventListener('abort', stop);
    over.abort();
  }
}

async function result(
  temporal: Temporal,
  runs: Runs,
  analysisId: string,
  deadline: number,
  signal: AbortSignal,
): Promise<'succeeded' | 'running'> {
  try {
    await temporal.until(deadline, () => runs.handle(analysisId).result(), signal);
    return 'succeeded';
  } catch (error) {
    if (error instanceof WorkflowFailedError) throw problemOfFailedRun(error.cause, analysisId);
    if (isEndedByUs(error)) return 'running';
    throw isUnreachable(error) ? temporalUnavailable(error) : error;
  }
}

function aborted(signal: AbortSignal): Promise<'running'> {
  return new Promise((resolve) => {
    signal.addEventListener(
      'abort',
      () => {
        resolve('running');
      },
      { once: true },
    );
  });
}

/** Resolves when the run's own progress tells of a long video; never for others, and never rejects. */
async function longVideo(runs: Runs, analysisId: string, signal: AbortSignal): Promise<'running'> {
  for (;;) {
    try {
      await sleep(LOOK_EVERY_MS, undefined, { signal });
    } catch {
      return 'running';
    }
    const state = await runs.describe(analysisId).catch(() => null);
    if ((state?.progress?.durationSeconds ?? 0) > SEGMENT_SECONDS) return 'running';
  }
}
