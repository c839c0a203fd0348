/** What a medium may cost before it is refused. */
export interface MediaLimits {
  /** Pixels of one picture. */
  readonly maxPixels: number;
  /** Length of a video in seconds. */
  readonly maxSeconds: number;
  /** Streams of a container: video, sound, subtitles and data together. */
  readonly maxStreams: number;
  /** Milliseconds that reading what a file is may take. */
  readonly probeTimeoutMs: number;
  readonly decoder: DecoderLimits;
}

/** What one decoder process may use. */
export interface DecoderLimits {
  readonly threads: number;
  /** Bytes of address space. It is more than what is resident: a plain run of ffmpeg takes 0.5 GB of it. */
  readonly memoryBytes: number;
  /** Milliseconds that it may stay silent, while its output is waited for, before it is taken for stuck. */
  readonly stallTimeoutMs: number;
  /** Milliseconds for which the output of one request may be waited for in all. */
  readonly timeoutMs: number;
}

export const DEFAULT_LIMITS: MediaLimits = {
  maxPixels: 100_000_000,
  maxSeconds: 4 * 3600,
  maxStreams: 100,
  probeTimeoutMs: 20_000,
  decoder: {
    threads: 2,
    memoryBytes: 4 * 1024 ** 3,
    stallTimeoutMs: 60_000,
    timeoutMs: 900_000,
  },
};
