/** How much later than its target a frame may begin, in microseconds: containers round times to the millisecond. */
export const ROUNDING_MICROS = 1000;

/**
 * For each target the latest time, in microseconds, of a frame that is on screen then. Half a microsecond more, so that no
 * frame's time, a whole number, ever equals one.
 *
 * @param targets seconds, ascending
 */
export function latestMicros(targets: readonly number[]): readonly number[] {
  return targets.map((seconds) => Math.floor(seconds * 1e6) + ROUNDING_MICROS + 0.5);
}

/** Number of targets before a frame's time: the index of the first target that may show the frame. */
export function targetsBefore(latest: readonly number[], micros: number): number {
  let low = 0;
  let high = latest.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (micros > (latest[middle] ?? Infinity)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * {@link targetsBefore} as an expression of ffmpeg's over a frame's `PTS`: the same binary search, written out. It works for
 * any list and costs a frame as many comparisons as the list's length has binary digits.
 */
export function decisionTree(latest: readonly number[], low = 0, high = latest.length): string {
  if (low >= high) return String(low);
  const middle = (low + high) >> 1;
  const above = decisionTree(latest, middle + 1, high);
  const below = decisionTree(latest, low, middle);
  // Fixed: the expressions' reader has no exponents.
  return `if(gt(PTS,${(latest[middle] ?? 0).toFixed(1)}),${above},${below})`;
}

/** How regularly a video's frames come. */
export interface FrameTiming {
  /** Frames per second; null where unknown. */
  readonly frameRate: number | null;
  readonly variableFrameRate: boolean;
}

/** How long, in seconds, a frame stays on screen before its successor is taken for lost. */
const LONGEST_HOLD_SECONDS = 1;

/**
 * Whether a decoded frame may stand for a target. A frame stays on screen until the next one, and in video of variable
 * rate that may be long. Where frames should come at even intervals, a hole of more than a second (or, below 1.5 frames per
 * second, of more than one and a half intervals) is damage, and so is an end that comes too early: then the
 * target has no frame. Before the first frame that could be decoded, only the half interval before it counts.
 *
 * @param followed whether a later frame was decoded
 */
export function standsFor(
  target: number,
  frame: { readonly seconds: number; readonly followed: boolean },
  { frameRate, variableFrameRate }: FrameTiming,
): boolean {
  const interval = frameRate === null ? LONGEST_HOLD_SECONDS : 1 / frameRate;
  const held = target - frame.seconds;
  if (held < 0) return -held <= interval / 2 + ROUNDING_MICROS / 1e6;
  if (variableFrameRate && frame.followed) return true;
  return held <= Math.max(LONGEST_HOLD_SECONDS, 1.5 * interval);
}
