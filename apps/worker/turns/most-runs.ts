import type { LiveWorker } from '../../../libs/platform/fleet.js';
import type { TaskQueues } from '../../../workflows/contracts/queues.js';

/** One run waits for the server while the other one is worked on. */
const LEAST = 2;

interface Here {
  readonly host: string;
  readonly processors: number;
  readonly queues: TaskQueues;
}

/**
 * Short runs under way at once that keep all hands busy and no more: one for each processor here, and this worker's share of the
 * scoring that machines of their own do meanwhile.
 *
 * @param workers all that live; those of other deployments poll other queues
 */
export function mostRuns(
  { host, processors, queues }: Here,
  workers: readonly LiveWorker[],
): number {
  const mediaWorkers = workers.filter(({ taskQueue }) => taskQueue === queues.media).length;
  const scoring = workers.filter(
    (worker) =>
      worker.role === 'inference' &&
      worker.state === 'ready' &&
      worker.host !== host &&
      isFor(worker.taskQueue, queues.inference),
  );
  const elsewhere = scoring.reduce((sum, { activitySlots }) => sum + activitySlots, 0);
  return Math.max(LEAST, processors) + Math.ceil(elsewhere / Math.max(1, mediaWorkers));
}

/** The queue of a model, but not the one beside it for long media. */
function isFor(taskQueue: string, inference: string): boolean {
  return (
    taskQueue === inference || (taskQueue.startsWith(`${inference}-`) && !taskQueue.includes('/'))
  );
}
