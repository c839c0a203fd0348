/** Task queues of one deployment. A prefix keeps several deployments (or tests) apart on one server. */
export interface TaskQueues {
  /** Workflow tasks of `analyzeMedia`. */
  readonly analyses: string;
  /** Activities that need ffmpeg, sharp and the face detector. */
  readonly media: string;
  /** Activities that need the default model; see {@link inferenceQueue} for the others. */
  readonly inference: string;
}

/** Alias of the model that runs unless another one is asked for. */
export const DEFAULT_MODEL = 'default';

export function taskQueues(prefix = ''): TaskQueues {
  return {
    analyses: `${prefix}analyses`,
    media: `${prefix}media`,
    inference: `${prefix}inference`,
  };
}

/** Where the activities of one model are: each has a queue of its own, so that a worker needs to hold but one. */
export function inferenceQueue(
  { inference }: Pick<TaskQueues, 'inference'>,
  alias: string,
): string {
  return alias === DEFAULT_MODEL ? inference : `${inference}-${alias}`;
}

/**
 * Where the segments of long media are, beside a queue and polled by the same workers with slots of their own: however many of
 * them there are, what somebody waits for finds a free slot.
 */
export function batchQueue(queue: string): string {
  return `${queue}/batch`;
}

/**
 * Where the first step on each medium is, beside the queue of the media: a media worker takes one from there only when it has
 * hands for another run, so that this is where runs wait for their turn.
 */
export function turnQueue({ media }: Pick<TaskQueues, 'media'>): string {
  return `${media}/turns`;
}

/**
 * Where a worker shows itself while it loads its model; nothing is ever put there. No alias has a slash, so this is never
 * another model's queue.
 */
export function loadingQueue(queue: string): string {
  return `${queue}/loading`;
}
