/** What a medium may cost before it is refused. */
export interface MediaLimits {
  /** Pixels of one picture. */
  readonly maxPixels: number;
  /** Length of a video in seconds. */
  readonly maxSeconds: number;
  /** Milliseconds that one reading of what a file is may take. */
  readonly probeTimeoutMs: number;
}

export const DEFAULT_LIMITS: MediaLimits = {
  maxPixels: 100_000_000,
  maxSeconds: 4 * 3600,
  probeTimeoutMs: 20_000,
};

/** Milliseconds that the decoder may stay silent, while its output is waited for, before it is taken for stuck. */
export const DECODER_STALL_MS = 60_000;
