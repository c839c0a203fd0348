import type { Worker } from '@temporalio/worker';

/**
 * Runs workers until the signal, then drains them. A worker that ends by itself drains the others and is the process's
 * failure: a process with a dead worker in it would look alive and do nothing.
 *
 * @throws the failure of the first worker that ended by itself
 */
export async function runUntilStopped(
  workers: readonly Worker[],
  signal: AbortSignal,
  onRunning: () => void,
): Promise<void> {
  const drain = () => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  if (signal.aborted) return;
  signal.addEventListener('abort', drain, { once: true });
  const runs = workers.map(async (worker) => {
    try {
      await worker.run();
    } finally {
      drain();
    }
  });
  onRunning();
  const ended = await Promise.allSettled(runs);
  for (const run of ended) if (run.status === 'rejected') throw run.reason;
  if (!signal.aborted) throw new Error('a worker ended without being told to');
}
