import type { DecodePass } from './decode-pass.js';
import type { Ending } from './ffmpeg.js';
import type { DecoderLimits } from './limits.js';
import { MediaError } from './media-error.js';
import type { StallReason } from './stall-guard.js';

const ADVICE = 'Convert it to MP4 with H.264 and send it again.';

/** Signals by which a program ends that breaks down over what it reads. */
const BREAKDOWNS: readonly (NodeJS.Signals | null)[] = [
  ...(['SIGSEGV', 'SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGILL', 'SIGTRAP', 'SIGSYS'] as const),
];

/** ffmpeg's words for memory that it didn't get. */
const NO_MEMORY = /Cannot allocate memory|Failed to allocate|thread_encoder_init failed/;

/**
 * The ways in which ffmpeg and ffprobe end alike without having read the file.
 *
 * @throws MediaError `media_unreadable` when it broke down, `media_too_large` when it ran out of memory or streams; Error
 *   when something else ended it
 */
export function refuseBreakdown(
  program: string,
  { signal, messages }: Ending,
  { memoryBytes, maxStreams }: { readonly memoryBytes: number; readonly maxStreams: number },
): void {
  if (messages.some((line) => line.includes('exceeds max_streams'))) {
    throw new MediaError(
      'media_too_large',
      `Expected a file of at most ${maxStreams} streams, got one with more. Send the stream with the pictures alone.`,
      { details: { maxStreams } },
    );
  }
  if (BREAKDOWNS.includes(signal)) {
    throw new MediaError(
      'media_unreadable',
      `Expected a file that can be read, but ${program} broke down on it (${signal ?? ''}). ${ADVICE}`,
      { details: { signal: signal ?? '' } },
    );
  }
  if (signal !== null) throw new Error(`${program} was ended from outside by ${signal}`);
  if (messages.some((line) => NO_MEMORY.test(line))) {
    throw new MediaError(
      'media_too_large',
      `Expected a file that can be read in ${memoryBytes} bytes of memory, got one that takes more. Send it at a smaller size.`,
      { details: { memoryBytes } },
    );
  }
}

/**
 * 255 is ffmpeg's status after SIGINT or SIGTERM: frames are missing, and not because of the file.
 *
 * @throws MediaError `media_unreadable` when ffmpeg gave up; Error when it was ended by something else
 */
export function refuseFailure({ code, messages }: Ending, { withoutFrames }: DecodePass): void {
  if (code === 255) throw new Error('ffmpeg was ended from outside by a signal');
  if (code === 0 || withoutFrames) return;
  const reason = messages.at(-1) ?? 'ffmpeg gave no reason';
  throw new MediaError(
    'media_unreadable',
    `Expected a video that can be decoded, but it can't be (${reason}). ${ADVICE}`,
    { details: { reason } },
  );
}

/** The decoder was ended because it took too long. */
export function tooSlow(
  reason: StallReason,
  { stallTimeoutMs, timeoutMs }: DecoderLimits,
): MediaError {
  const [what, details] =
    reason === 'silent'
      ? [`gave no sign of life for ${stallTimeoutMs / 1000} s`, { stallTimeoutMs }]
      : [`was not done with a part of it in ${timeoutMs / 1000} s`, { timeoutMs }];
  return new MediaError(
    'decoder_timeout',
    `Expected a video that can be decoded, but the decoder ${what}. ${ADVICE}`,
    { details },
  );
}
