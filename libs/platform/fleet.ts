import type { Connection } from '@temporalio/client';
import { buildName } from './current-build.js';
import { parseIdentity, type WorkerIdentity } from './worker-identity.js';

/** How often a worker tells the server that it lives; see `Runtime.install`. */
export const WORKER_HEARTBEAT_MS = 1_000;

/** A worker that missed this many heartbeats is gone: a killed one stays listed for minutes. */
const MISSED_HEARTBEATS = 4;

/** A process that polls `taskQueue` now. */
export interface LiveWorker extends WorkerIdentity {
  readonly taskQueue: string;
  /** Activities that it takes at once; 0 where it does not tell. */
  readonly activitySlots: number;
  /** Which build it says to be, as {@link buildName} writes it; null where it says none. */
  readonly build: string | null;
}

/**
 * The worker processes that live now, by their heartbeats to the server.
 * @param now ms since the epoch
 */
export async function listLiveWorkers(
  connection: Pick<Connection, 'workflowService'>,
  namespace: string,
  now = Date.now(),
): Promise<readonly LiveWorker[]> {
  const live = new Map<string, LiveWorker>();
  let nextPageToken: Uint8Array | undefined;
  do {
    const page = await connection.workflowService.listWorkers({
      namespace,
      pageSize: 100,
      nextPageToken,
    });
    for (const { workerHeartbeat: heartbeat } of page.workersInfo) {
      const identity = parseIdentity(heartbeat?.workerIdentity ?? '');
      if (!heartbeat || identity === null || Number(heartbeat.status) === SHUTTING_DOWN) continue;
      const beat = Number(heartbeat.heartbeatTime?.seconds ?? 0) * 1000;
      if (now - beat > WORKER_HEARTBEAT_MS * MISSED_HEARTBEATS + CLOCK_GRAIN_MS) continue;
      const taskQueue = heartbeat.taskQueue ?? '';
      const { currentAvailableSlots: free = 0, currentUsedSlots: used = 0 } =
        heartbeat.activityTaskSlotsInfo ?? {};
      const activitySlots = Math.max(0, free ?? 0) + (used ?? 0);
      live.set(`${heartbeat.workerIdentity} ${taskQueue}`, {
        ...identity,
        taskQueue,
        activitySlots,
        build: buildName(heartbeat.deploymentVersion),
      });
    }
    nextPageToken = page.nextPageToken.length > 0 ? page.nextPageToken : undefined;
  } while (nextPageToken !== undefined);
  return [...live.values()];
}

/** Heartbeat times are cut to whole seconds above. */
const CLOCK_GRAIN_MS = 1_000;

/** `temporal.api.enums.v1.WorkerStatus.WORKER_STATUS_SHUTTING_DOWN`. */
const SHUTTING_DOWN = 2;

/** Tasks that wait for a worker; lags by a few seconds. */
export async function backlogOf(
  connection: Connection,
  namespace: string,
  taskQueues: readonly { readonly name: string; readonly kind: 'workflow' | 'activity' }[],
): Promise<number> {
  const counts = await Promise.all(
    taskQueues.map(async ({ name, kind }) => {
      const described = await connection.workflowService.describeTaskQueue({
        namespace,
        taskQueue: { name },
        taskQueueType: kind === 'workflow' ? 1 : 2,
        reportStats: true,
      });
      return Number(described.stats?.approximateBacklogCount ?? 0);
    }),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}
