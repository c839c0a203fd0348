/** A span of time in seconds, `[from, to]`. */
export type Span = readonly [number, number];

/** A sample that should have been taken, standing for the time half-way to its neighbours. */
export interface PlannedSample {
  readonly from: number;
  readonly to: number;
  readonly decoded: boolean;
}

/** How much of the planned time was looked at, and where it was not. @param samples ascending, adjoining */
export function coverageOf(samples: readonly PlannedSample[]): {
  readonly analysedSeconds: number;
  readonly gaps: readonly Span[];
} {
  let analysedSeconds = 0;
  const gaps: [number, number][] = [];
  for (const { from, to, decoded } of samples) {
    const last = gaps.at(-1);
    if (decoded) analysedSeconds += to - from;
    else if (last !== undefined && Math.abs(last[1] - from) < 1e-6) last[1] = to;
    else gaps.push([from, to]);
  }
  return { analysedSeconds, gaps };
}
