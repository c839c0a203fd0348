import { sampleFrames } from './decode-video.js';
import { readHead } from './file-head.js';
import { decodeHeic } from './heic.js';
import { heifHdr } from './heif-hdr.js';
import { DEFAULT_LIMITS, type MediaLimits } from './limits.js';
import { MediaError } from './media-error.js';
import { UPRIGHT } from './orientation.js';
import { probeMedia } from './probe.js';
import { refuseLarger, unreadable } from './refusals.js';
import type { RasterImage } from './raster-image.js';
import { signatureOf } from './signature.js';
import { decodeStill, stillMetadata } from './still.js';
import { toneMap } from './tone-map.js';

export interface PictureOptions {
  readonly limits?: MediaLimits;
  readonly signal?: AbortSignal;
}

/**
 * Decodes a still of any format that is taken: upright, opaque and as a display without HDR shows it.
 *
 * @throws MediaError `media_unreadable`, `media_too_large`, `decoder_timeout`; the signal's reason once aborted
 */
export async function decodePicture(
  file: string,
  { limits = DEFAULT_LIMITS, signal }: PictureOptions = {},
): Promise<RasterImage> {
  const { extension } = await signatureOf((await readHead(file)).head);
  signal?.throwIfAborted();
  if (extension === 'bmp') return decodeBitmap(file, limits, signal);
  const { maxPixels, decoder } = limits;
  const options = { maxPixels, timeoutMs: decoder.stallTimeoutMs };
  if (extension !== 'heic' && extension !== 'avif') return decodeStill(file, options);
  const still = await stillMetadata(file);
  refuseLarger(still, maxPixels);
  const image =
    still.format === 'heic'
      ? await decodeHeic(file, { ...options, signal })
      : await decodeStill(file, options);
  const hdr = await heifHdr(file);
  if (hdr !== null) await toneMap(image, hdr);
  return image;
}

/** The picture decoder knows no BMP. To ffmpeg it is a video of one frame. */
async function decodeBitmap(
  file: string,
  limits: MediaLimits,
  signal?: AbortSignal,
): Promise<RasterImage> {
  const { width, height, container } = await probeMedia(file, { limits, signal });
  const timing = { durationSeconds: 1, startSeconds: 0, frameRate: 1, variableFrameRate: false };
  const probe = { ...UPRIGHT, ...timing, kind: 'video', container, width, height } as const;
  const { maxPixels, maxStreams, decoder } = limits;
  const request = { startSeconds: 0, endSeconds: 1, times: [0] };
  const options = { probe, maxPixels, maxStreams, decoder, signal };
  for await (const { channels, data } of sampleFrames(file, request, options))
    return { width, height, channels, data };
  throw new MediaError('media_unreadable', unreadable('a BMP picture without pixels').message);
}
