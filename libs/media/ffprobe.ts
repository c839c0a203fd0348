import { startFfprobe } from './ffmpeg.js';
import { linesOf } from './lines.js';
import { MediaError } from './media-error.js';

export interface ProbeRunOptions {
  /** Milliseconds after which ffprobe is ended. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/**
 * Runs ffprobe and tells each line it prints.
 *
 * @throws MediaError `decoder_timeout`; `media_unreadable` with ffprobe's own reason, in `details.reason` too; the
 *   signal's reason once aborted
 */
export async function ffprobe(
  file: string,
  args: readonly string[],
  { timeoutMs, signal }: ProbeRunOptions,
  onLine: (line: string) => void,
): Promise<void> {
  const run = await startFfprobe(file, args, { signal });
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    void run.stop();
  }, timeoutMs);
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
  const { code, signal: endedBy, messages } = await run.ended;
  signal?.throwIfAborted();
  if (timedOut) {
    throw new MediaError(
      'decoder_timeout',
      `Expected a file that can be read in ${timeoutMs / 1000} s, but it took longer. Send it again, or convert it to MP4.`,
      { details: { timeoutMs } },
    );
  }
  if (endedBy !== null) throw new Error(`ffprobe was ended from outside by ${endedBy}`);
  if (code !== 0) {
    const reason = messages.at(-1) ?? 'ffprobe gave no reason';
    throw new MediaError('media_unreadable', reason, { details: { reason } });
  }
}
