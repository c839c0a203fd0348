import type { QueueBuilds } from '../../../libs/platform/current-build.js';
import type { LiveWorker } from '../../../libs/platform/fleet.js';
import {
  batchQueue,
  inferenceQueue,
  loadingQueue,
  turnQueue,
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
  /** Queues beside those of the media and the models that are polled: for the segments of long media, and for turns. */
  readonly sideQueues: ReadonlySet<string>;
  /** Why no worker is given a new run, although there are some: only with Worker Versioning; null where one is. */
  readonly withheld: Withheld | null;
}

/** `no_current_build`: no build was made current; `current_build_away`: no worker of the current one lives. */
export type Withheld = 'no_current_build' | 'current_build_away';

const NOBODY: ModelWorkers = { ready: [], loading: [] };

export function workersOf(fleet: Fleet, alias: string): ModelWorkers {
  return fleet.models.get(alias) ?? NOBODY;
}

/** Whether any model answers. */
export function hasModel({ models }: Fleet): boolean {
  return [...models.values()].some(({ ready }) => ready.length > 0);
}

/** Whether the server gives new runs to none of these workers. */
export function withheldFrom(
  workers: readonly Pick<LiveWorker, 'build'>[],
  { receiving, versioned }: QueueBuilds,
): Withheld | null {
  const takes = ({ build }: Pick<LiveWorker, 'build'>) => {
    return receiving.includes(build !== null && versioned.has(build) ? build : null);
  };
  if (workers.length === 0 || workers.some(takes)) return null;
  return receiving.every((build) => build === null) ? 'no_current_build' : 'current_build_away';
}

/** Sorts workers by what they do here. Other deployments may share the namespace: ours poll our queues. */
export function sortWorkers(
  workers: readonly LiveWorker[],
  queues: TaskQueues,
  aliases: readonly string[],
): Pick<Fleet, 'models' | 'media' | 'sideQueues'> {
  const on = (queue: string) => workers.filter(({ taskQueue }) => taskQueue === queue);
  const models = aliases.map((alias) => {
    const queue = inferenceQueue(queues, alias);
    const ready = on(queue).filter(({ state }) => state === 'ready');
    return [alias, { ready, loading: on(loadingQueue(queue)) }] as const;
  });
  const batch = [queues.media, ...aliases.map((alias) => inferenceQueue(queues, alias))].map(
    batchQueue,
  );
  const sideQueues = new Set([...batch, turnQueue(queues)].filter((queue) => on(queue).length > 0));
  return { models: new Map(models), media: on(queues.media), sideQueues };
}
