/** What one analysis may take of the service: set by its operators, and no part of what a result depends on. */
export interface RunLimits {
  /** Samples of one analysis; a request for more is refused. */
  readonly maxFrames: number;
  /**
   * Segments that are under way at once: enough for each worker to have one to decode while another is scored. More would
   * only fill the queue before other people's runs.
   */
  readonly segmentsInFlight: number;
  /** Segments after which a run hands on to another, so that no history grows long. */
  readonly segmentsPerRun: number;
}

/** Some twenty events each: far below the server's limits, and a quarter below what it suggests. */
export const SEGMENTS_PER_RUN = 150;

/** Runs that an earlier release has started: none were set then, and what was done then must be done again on replay. */
const UNLIMITED: RunLimits = {
  maxFrames: Infinity,
  segmentsInFlight: 2,
  segmentsPerRun: Infinity,
};

export function limitsOf({ limits }: { readonly limits?: Partial<RunLimits> }): RunLimits {
  return { ...UNLIMITED, ...limits };
}
