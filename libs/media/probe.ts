import { stat } from 'node:fs/promises';
import { fileTypeFromFile } from 'file-type';
import { packetTimesArguments, probeArguments } from './ffmpeg-arguments.js';
import { ffprobe } from './ffmpeg.js';
import { containerOf, parseProbe, type VideoFacts } from './ffprobe-json.js';
import type { MediaLimits } from './limits.js';
import { ACCEPTED_MEDIA, MediaError } from './media-error.js';
import { stillFacts } from './still.js';

/** What a file is, by its bytes. */
export interface MediaProbe {
  readonly kind: 'image' | 'video' | 'audio';
  readonly container: string;
  readonly codec: string;
  /** Upright, after rotation; 0 for audio. */
  readonly width: number;
  readonly height: number;
  /** Null for stills. */
  readonly durationSeconds: number | null;
  readonly frameRate: number | null;
  readonly rotationDegrees: number;
  readonly bytes: number;
}

export interface ProbeOptions {
  readonly limits: MediaLimits;
  readonly signal?: AbortSignal;
}

const STILLS = new Set([
  'image/jpeg',
  'image/png',
  'image/webp',
  'image/avif',
  'image/tiff',
  'image/gif',
  'image/apng',
]);
/** Stills whose format can also hold an animation that ffmpeg reads. */
const ANIMATED = new Set(['image/gif', 'image/apng']);

/**
 * Reads what a file is from its content; its name is not looked at.
 * @throws MediaError when it can't be judged, saying what was found and what is accepted
 */
export async function probeMedia(
  file: string,
  { limits, signal }: ProbeOptions,
): Promise<MediaProbe> {
  const { size: bytes } = await stat(file);
  if (bytes === 0)
    throw new MediaError('media_empty', `Expected ${ACCEPTED_MEDIA}, got an empty file`);
  const type = await fileTypeFromFile(file);
  signal?.throwIfAborted();
  const mime: string | undefined = type?.mime;
  if (mime !== undefined && STILLS.has(mime)) {
    const { format, width, height, pages } = await stillFacts(file, limits.maxPixels);
    if (pages === 1 && mime !== 'image/apng') {
      const still = { durationSeconds: null, frameRate: null, rotationDegrees: 0 };
      return { kind: 'image', container: format, codec: format, width, height, ...still, bytes };
    }
    if (!ANIMATED.has(mime)) {
      throw new MediaError(
        'media_unsupported',
        `Expected ${ACCEPTED_MEDIA}, got an animated ${format}`,
      );
    }
  } else if (
    mime !== undefined &&
    !/^(video|audio)\/|^application\/(ogg|mxf|vnd\.ms-asf)/.test(mime)
  ) {
    throw new MediaError('media_unsupported', `Expected ${ACCEPTED_MEDIA}, got ${mime}`);
  }
  return { ...(await probeVideo(file, mime, limits, signal)), bytes };
}

async function probeVideo(
  file: string,
  mime: string | undefined,
  limits: MediaLimits,
  signal: AbortSignal | undefined,
): Promise<Omit<MediaProbe, 'bytes'>> {
  const options = { timeoutMs: limits.probeTimeoutMs, signal };
  let facts: VideoFacts | null;
  let container: string;
  try {
    const json: unknown = JSON.parse(await ffprobe(probeArguments(file), options));
    facts = parseProbe(json);
    container = containerOf(json);
  } catch (error) {
    if (!(error instanceof MediaError) || error.code !== 'media_unreadable') throw error;
    const found = mime === undefined ? 'a file of unknown type' : `${mime} that can't be read`;
    throw new MediaError(
      'media_unreadable',
      `Expected ${ACCEPTED_MEDIA}, got ${found} (${error.message})`,
      {
        cause: error,
      },
    );
  }
  if (facts === null) {
    const none = { durationSeconds: null, frameRate: null, rotationDegrees: 0 };
    return { kind: 'audio', container, codec: 'none', width: 0, height: 0, ...none };
  }
  const durationSeconds = facts.durationSeconds ?? (await measuredDuration(file, options));
  refuseOverLimits({ ...facts, durationSeconds }, limits);
  return { kind: 'video', container, ...facts, durationSeconds };
}

/** Length by the packets' own times, for a file whose header doesn't tell. */
async function measuredDuration(
  file: string,
  options: { readonly timeoutMs: number; readonly signal?: AbortSignal },
): Promise<number> {
  const lines = (await ffprobe(packetTimesArguments(file), options)).split('\n');
  let first = Infinity;
  let last = -Infinity;
  for (const line of lines) {
    const [time = NaN, duration = NaN] = line.split(',').map(Number.parseFloat);
    if (Number.isNaN(time)) continue;
    first = Math.min(first, time);
    last = Math.max(last, time + (Number.isNaN(duration) ? 0 : duration));
  }
  if (last > first) return last - first;
  throw new MediaError(
    'media_no_frames',
    'Expected a video with frames, got a video track without any',
  );
}

function refuseOverLimits(
  facts: VideoFacts & { durationSeconds: number },
  limits: MediaLimits,
): void {
  const { width, height, durationSeconds } = facts;
  if (width * height > limits.maxPixels) {
    const got = `${width}×${height}`;
    throw new MediaError(
      'media_too_large',
      `Expected pictures of at most ${limits.maxPixels} pixels, got ${got}`,
    );
  }
  if (durationSeconds > limits.maxSeconds) {
    const got = `${Math.round(durationSeconds)} s`;
    throw new MediaError(
      'media_too_large',
      `Expected a video of at most ${limits.maxSeconds} s, got one of ${got}`,
    );
  }
}
