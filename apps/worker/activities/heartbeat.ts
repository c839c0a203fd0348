import { Context } from '@temporalio/activity';

const HEARTBEAT_MS = 500;

/** Steps done of steps there, as the API shows them while the activity runs. */
export interface HeartbeatDetails {
  done: number;
  total: number;
}

/**
 * Runs `work` while telling the server that it lives and how far it is. The timer runs on the main thread, which
 * does no heavy work, so a silent activity means a dead worker.
 *
 * @param work gets the signal of the activity's cancellation, and `progress` to write to
 * @throws the signal's own reason once cancelled, so that Temporal sees a cancellation and not a failure
 */
export async function withHeartbeat<T>(
  total: number,
  work: (signal: AbortSignal, progress: HeartbeatDetails) => Promise<T>,
): Promise<T> {
  const context = Context.current();
  const signal = context.cancellationSignal;
  const progress: HeartbeatDetails = { done: 0, total };
  const beat = () => {
    context.heartbeat({ ...progress });
  };
  // Not at once: most pictures are done before the first beat, and each costs the server a write.
  const timer = setInterval(beat, HEARTBEAT_MS);
  try {
    return await work(signal, progress);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw error;
  } finally {
    clearInterval(timer);
  }
}
