import type { LiveWorker } from '../../../libs/platform/fleet.js';
import {
  batchQueue,
  inferenceQueue,
  loadingQueue,
  type TaskQueues,
} from '../../../workflows/contracts/queues.js';

/** The inference workers of one model. */
export interface ModelWorkers {
  /** Those whose model answers. */
  readonly ready: readonly LiveWorker[];
  /** Those that load it. */
  readonly loading: readonly LiveWorker[];
}

/** The workers of this deployment at one moment. */
export interface Fleet {
  /** When it was seen, in ms since the epoch. */
  readonly seenAt: number;
  /** False when Temporal did not answer; then nothing is known of the workers. */
  readonly reachable: boolean;
  /** By alias. */
  readonly models: ReadonlyMap<string, ModelWorkers>;
  readonly media: readonly LiveWorker[];
  /** Queues for the segments of long media that are polled. */
  readonly batchQueues: ReadonlySet<string>;
}

const NOBODY: ModelWorkers = { ready: [], loading: [] };

export function workersOf(fleet: Fleet, alias: string): ModelWorkers {
  return fleet.models.get(alias) ?? NOBODY;
}

/** Whether any model answers. */
export function hasModel({ models }: Fleet): boolean {
  return [...models.values()].some(({ ready }) => ready.length > 0);
}

/** Sorts workers by what they do here. Other deployments may share the namespace: ours poll our queues. */
export function sortWorkers(
  workers: readonly LiveWorker[],
  queues: TaskQueues,
  aliases: readonly string[],
): Pick<Fleet, 'models' | 'media' | 'batchQueues'> {
  const on = (queue: string) => workers.filter(({ taskQueue }) => taskQueue === queue);
  const models = aliases.map((alias) => {
    const queue = inferenceQueue(queues, alias);
    const ready = on(queue).filter(({ state }) => state === 'ready');
    return [alias, { ready, loading: on(loadingQueue(queue)) }] as const;
  });
  const batchQueues = new Set(
    [queues.media, ...aliases.map((alias) => inferenceQueue(queues, alias))]
      .map(batchQueue)
      .filter((queue) => on(queue).length > 0),
  );
  return { models: new Map(models), media: on(queues.media), batchQueues };
}
