import { availableParallelism } from 'node:os';
import { usableMemory } from './machine.js';

const MEGABYTE = 1024 ** 2;

/** Of the memory there is, for one worker process: the other parts and the cache of files have the rest. */
const SHARE = 0.5;
/** A media worker that is at rest, after thousands of analyses (`npm run soak`). */
const MEDIA_WORKER_BYTES = 512 * MEGABYTE;
/** One more activity at once, its decoder of 4K video included (`node dist/bench/slot-memory.js`): the second took most, 238 MB. */
const MEDIA_SLOT_BYTES = 256 * MEGABYTE;
/** A run that is kept between its tasks. */
const CACHED_WORKFLOW_BYTES = MEGABYTE;
const MOST_CACHED_WORKFLOWS = 100;
/** The worker takes no fewer. */
const LEAST_CACHED_WORKFLOWS = 2;

/** What a machine has. */
export interface Machine {
  readonly cores: number;
  /** Bytes that this process may use. */
  readonly memory: number;
}

export const thisMachine = (): Machine => ({
  cores: availableParallelism(),
  memory: usableMemory(),
});

/** The same for a log. */
export function machineFacts(): { readonly cores: number; readonly memoryMb: number } {
  const { cores, memory } = thisMachine();
  return { cores, memoryMb: Math.round(memory / MEGABYTE) };
}

/**
 * Activities that a media worker works on at once: more than there are cores, so that short ones need not wait for a long
 * video's segments, and no more than there is memory for.
 */
export function mediaSlots({ cores, memory }: Machine): number {
  const fitting = Math.floor((memory * SHARE - MEDIA_WORKER_BYTES) / MEDIA_SLOT_BYTES);
  return Math.max(1, Math.min(cores + 2, fitting));
}

/** Slots of one queue, of which the segments of long media can take `batch` and no more, and all else `short`. */
export interface Lanes {
  readonly short: number;
  readonly batch: number;
}

/** The smaller half is for long media, as a slot is free for the moment that it takes to fetch the next task. Each has one at least. */
export function lanesOf(slots: number): Lanes {
  const batch = Math.max(1, Math.floor(slots / 2) - 1);
  return { short: Math.max(1, slots - batch), batch };
}

/** Runs that a media worker keeps in memory between their tasks; the others are replayed from their history. */
export function cachedWorkflows({ memory }: Machine): number {
  const fitting = Math.floor((memory * SHARE) / 16 / CACHED_WORKFLOW_BYTES);
  return Math.max(LEAST_CACHED_WORKFLOWS, Math.min(MOST_CACHED_WORKFLOWS, fitting));
}
