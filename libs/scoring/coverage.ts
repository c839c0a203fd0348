/** A span of time in seconds, `[from, to]`. */
export type Span = readonly [number, number];

/** A sample that was taken, or should have been. */
export interface TakenSample {
  /** The time that was asked for. */
  readonly seconds: number;
  readonly decoded: boolean;
}

/** The time that a sample stands for. */
export interface TimeShare {
  readonly from: number;
  readonly to: number;
  readonly decoded: boolean;
}

/** How far to either side a sample can speak for what was not looked at, in seconds. */
export const LONGEST_REACH_SECONDS = 6;

/**
 * Each sample stands for the time half-way to its neighbours, at the ends for all that is left, and never for more than
 * `reach` seconds to either side.
 *
 * @param samples ascending
 */
export function timeShares(
  samples: readonly TakenSample[],
  durationSeconds: number,
  reach: number,
): readonly TimeShare[] {
  return samples.map(({ seconds, decoded }, i) => {
    const before = samples[i - 1];
    const after = samples[i + 1];
    const from = before === undefined ? 0 : (before.seconds + seconds) / 2;
    const to = after === undefined ? durationSeconds : (seconds + after.seconds) / 2;
    return {
      from: Math.max(from, seconds - reach),
      to: Math.max(Math.min(to, seconds + reach), from),
      decoded,
    };
  });
}

/** Shorter gaps are rounding. */
const SHORTEST_GAP_SECONDS = 0.001;

/** How much of the time was looked at, and where it was not. @param shares ascending, without overlap */
export function coverageOf(
  shares: readonly TimeShare[],
  durationSeconds: number,
): { readonly analysedSeconds: number; readonly gaps: readonly Span[] } {
  let analysedSeconds = 0;
  let seenUntil = 0;
  const gaps: Span[] = [];
  const leaveOut = (to: number) => {
    if (to - seenUntil >= SHORTEST_GAP_SECONDS) gaps.push([seenUntil, to]);
  };
  for (const { from, to, decoded } of shares) {
    if (!decoded) continue;
    leaveOut(from);
    analysedSeconds += to - from;
    seenUntil = to;
  }
  leaveOut(durationSeconds);
  return { analysedSeconds, gaps };
}
