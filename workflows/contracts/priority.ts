/**
 * Priorities of tasks on Temporal's queues, 1 (first) to 5. What somebody waits for comes before the segments of a long video,
 * of which each run has two on the queues at any time. What an earlier release has started has the server's default, 3.
 */
export const PRIORITY = {
  /** A picture, frames and a short video; and of a long one what tells that it is long. */
  interactive: 2,
  /** Segments of a medium that has more than one. */
  batch: 4,
} as const;
