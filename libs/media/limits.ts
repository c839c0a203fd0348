/** What a medium may cost before it is refused. */
export interface MediaLimits {
  /** Pixels of one picture. */
  readonly maxPixels: number;
  /** Length of a video. */
  readonly maxSeconds: number;
  /** Time to read what a file is. */
  readonly probeTimeoutMs: number;
}

export const DEFAULT_LIMITS: MediaLimits = {
  maxPixels: 100_000_000,
  maxSeconds: 14_400,
  probeTimeoutMs: 20_000,
};
