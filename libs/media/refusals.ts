import { ACCEPTED_MEDIA, MediaError } from './media-error.js';
import type { MediaLimits } from './limits.js';

/** @throws MediaError `media_too_large` for more pixels than allowed */
export function refuseLarger(
  { width, height }: { readonly width: number; readonly height: number },
  maxPixels: number,
): void {
  if (width * height <= maxPixels) return;
  throw new MediaError(
    'media_too_large',
    `Expected pictures of at most ${maxPixels} pixels, got ${width}×${height}. Send it at a smaller size.`,
    { details: { width, height, maxPixels } },
  );
}

/** @throws MediaError `media_too_large` for a longer video than allowed */
export function refuseLonger(seconds: number, { maxSeconds }: MediaLimits): void {
  if (seconds <= maxSeconds) return;
  throw new MediaError(
    'media_too_large',
    `Expected a video of at most ${maxSeconds} s, got one of ${Math.round(seconds)} s. Cut it and send the parts.`,
    { details: { seconds, maxSeconds } },
  );
}

/** @param found what the file is, with its article */
export function unsupported(found: string, advice = ''): MediaError {
  const message = `Expected ${ACCEPTED_MEDIA}, got ${found}. ${advice}`.trim();
  return new MediaError('media_unsupported', message, { details: { found } });
}

/** @param found what the file is, with its article, and what is wrong with it */
export function unreadable(found: string, cause?: Error): MediaError {
  const message = `Expected ${ACCEPTED_MEDIA}, got ${found}. The file may be damaged or cut off: send it again.`;
  return new MediaError('media_unreadable', message, { cause, details: { found } });
}

export function noFrames(): MediaError {
  return new MediaError(
    'media_no_frames',
    'Expected a video with frames, got a video track in which not one can be decoded. The file is damaged or cut off: send it again.',
  );
}
