import type { DescribedModel, ProbedMedia } from './contracts/activities.js';
import type { AnalysisProgress } from './contracts/progress.js';

/**
 * What a run hands on to the one that continues it, so that a history never grows long: what was found out at the beginning,
 * and how far the work is. What the segments gave lies in the blob store.
 */
export interface Continuation {
  readonly described: DescribedModel;
  readonly probed: ProbedMedia;
  /** Segments that are done; they are done in order. */
  readonly segmentsDone: number;
  /** When the first run started, in ms since the epoch. */
  readonly startedAt: number;
  readonly progress: AnalysisProgress;
  /** When the first segment was begun, in ms since the epoch. */
  readonly analysingSince: number;
}
