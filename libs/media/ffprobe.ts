import { refuseBreakdown } from './decode-failures.js';
import { processLimits, startFfprobe } from './ffmpeg.js';
import type { MediaLimits } from './limits.js';
import { linesOf } from './lines.js';
import { MediaError } from './media-error.js';

export interface ProbeRunOptions {
  /** When ffprobe is ended, on the clock of `performance.now()`. */
  readonly deadline: number;
  readonly limits: MediaLimits;
  readonly signal?: AbortSignal;
}

/**
 * Runs ffprobe and tells each line it prints.
 *
 * @throws MediaError `decoder_timeout`; `media_too_large` for too much memory or too many streams; `media_unsupported` for a
 *   format that isn't taken; `media_unreadable` with ffprobe's own reason, in `details.reason` too; the signal's reason once
 *   aborted
 */
export async function ffprobe(
  file: string,
  args: readonly string[],
  { deadline, limits, signal }: ProbeRunOptions,
  onLine: (line: string) => void,
): Promise<void> {
  const { probeTimeoutMs, maxStreams, decoder } = limits;
  const process = processLimits({ ...decoder, timeoutMs: probeTimeoutMs });
  const run = await startFfprobe(file, args, { limits: process, signal });
  let timedOut = false;
  const timer = setTimeout(
    () => {
      timedOut = true;
      void run.stop();
    },
    Math.max(0, deadline - performance.now()),
  );
  try {
    for await (const line of linesOf(run.output)) onLine(line);
  } catch (error) {
    // Ending ffprobe breaks its output off; why it was ended is told below.
    if (!timedOut) throw error;
  } finally {
    clearTimeout(timer);
    // A caller that threw has no use for the rest.
    if (!run.output.readableEnded) await run.stop();
  }
  const ending = await run.ended;
  const { code, messages } = ending;
  signal?.throwIfAborted();
  if (timedOut) {
    throw new MediaError(
      'decoder_timeout',
      `Expected a file that can be read in ${probeTimeoutMs / 1000} s, but it took longer. Send it again, or convert it to MP4.`,
      { details: { timeoutMs: probeTimeoutMs } },
    );
  }
  if (code === 0) return;
  refuseBreakdown('ffprobe', ending, { ...decoder, maxStreams });
  const refused = messages
    .map((line) => /^\[(\S+?)\] Format not on whitelist/.exec(line)?.[1])
    .find((format) => format !== undefined);
  if (refused !== undefined) throw new MediaError('media_unsupported', refused);
  const reason = messages.at(-1) ?? 'ffprobe gave no reason';
  throw new MediaError('media_unreadable', reason, { details: { reason } });
}
