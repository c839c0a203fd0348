import type { DecodePass } from './decode-pass.js';
import type { Ending } from './ffmpeg.js';
import { MediaError } from './media-error.js';

/**
 * 255 is ffmpeg's status after SIGINT or SIGTERM: frames are missing, and not because of the file.
 *
 * @throws MediaError `media_unreadable` when ffmpeg gave up; Error when it was ended by something else
 */
export function refuseFailure(
  { code, signal, messages }: Ending,
  { withoutFrames }: DecodePass,
): void {
  if (signal !== null || code === 255) {
    throw new Error(`ffmpeg was ended from outside by ${signal ?? 'a signal'}`);
  }
  if (code === 0 || withoutFrames) return;
  const reason = messages.at(-1) ?? 'ffmpeg gave no reason';
  throw new MediaError(
    'media_unreadable',
    `Expected a video that can be decoded, but it can't be (${reason}). Convert it to MP4 with H.264 and send it again.`,
    { details: { reason } },
  );
}

/** Nothing has come for `stallTimeoutMs`. */
export function stuck(stallTimeoutMs: number): MediaError {
  return new MediaError(
    'decoder_timeout',
    `Expected a video that can be decoded, but the decoder gave no sign of life for ${stallTimeoutMs / 1000} s. Convert it to MP4 with H.264 and send it again.`,
    { details: { stallTimeoutMs } },
  );
}
