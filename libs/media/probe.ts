import { animationTiming } from './animation.js';
import { probeArguments } from './ffmpeg-arguments.js';
import { parseProbe, type ContainerFacts, type VideoFacts } from './ffprobe-json.js';
import { encrypted, isScrambled, refuseEncrypted } from './encryption.js';
import { ffprobe, type ProbeRunOptions } from './ffprobe.js';
import type { Hdr } from './hdr.js';
import { heifHdr } from './heif-hdr.js';
import { readHead } from './file-head.js';
import { DEFAULT_LIMITS, type MediaLimits } from './limits.js';
import { isPlausible, measureDuration } from './measure-duration.js';
import { ACCEPTED_MEDIA, MediaError } from './media-error.js';
import { UPRIGHT, type Orientation } from './orientation.js';
import { noFrames, refuseLarger, refuseLonger, unreadable, unsupported } from './refusals.js';
import { signatureOf, type Signature } from './signature.js';
import { stillMetadata, type StillMetadata } from './still.js';

/** What a file is, by its bytes. */
export interface MediaProbe extends Orientation {
  /** An animated GIF, WebP or PNG is a video. */
  readonly kind: 'image' | 'video' | 'audio';
  /** `mp4`, `mov`, `matroska`, `webm`, `avi`, `mpegts`, …; for pictures `jpeg`, `png`, `webp`, `avif`, `heic`, `tiff`, `gif`, `bmp`. */
  readonly container: string;
  /** As ffmpeg names it; for pictures the container's name. */
  readonly codec: string;
  /** Index of the video's stream; null for stills, audio and animated WebP. */
  readonly streamIndex: number | null;
  /** Upright size in square pixels; 0 for audio. */
  readonly width: number;
  readonly height: number;
  /** From the first frame to the end of the last; null for stills, and for audio of unknown length. */
  readonly durationSeconds: number | null;
  /** Timestamp of the first frame on the container's own clock; all other times count from it. */
  readonly startSeconds: number;
  /** Average frames per second; null for stills and where unknown. */
  readonly frameRate: number | null;
  readonly variableFrameRate: boolean;
  /** Whether a frame may hold the fields of two moments. */
  readonly interlaced: boolean;
  /** How brightness beyond a display's white is told; null where there is none. */
  readonly hdr: Hdr | null;
  readonly hasAudio: boolean;
  readonly bytes: number;
}

export interface ProbeOptions {
  readonly limits?: MediaLimits;
  readonly signal?: AbortSignal;
}

/**
 * Reads what a file is from its content; its name is not looked at.
 *
 * @throws MediaError `media_empty`, `media_unsupported`, `media_unreadable`, `media_encrypted`, `media_no_frames`,
 *   `media_too_large` or `decoder_timeout`, saying what was found and what is accepted; the signal's reason once aborted
 */
export async function probeMedia(
  file: string,
  { limits = DEFAULT_LIMITS, signal }: ProbeOptions = {},
): Promise<MediaProbe> {
  const { head, bytes } = await readHead(file);
  if (bytes === 0)
    throw new MediaError('media_empty', `Expected ${ACCEPTED_MEDIA}, got an empty file.`);
  const signature = await signatureOf(head);
  signal?.throwIfAborted();
  if (signature.family === 'refused') throw unsupported(signature.found);
  if (signature.family === 'text') throw unreadable(signature.found);
  if (signature.family === 'stream') await refuseEncrypted(file, signature, head);
  const facts =
    signature.family === 'still'
      ? await probeStill(file, signature, limits, signal)
      : await probeStream(file, signature, bytes, limits, signal).catch((error: unknown) => {
          throw isUnread(error) && isScrambled(head)
            ? encrypted(signature.found, 'scrambled')
            : error;
        });
  return { ...facts, bytes };
}

const isUnread = (error: unknown): boolean =>
  error instanceof MediaError &&
  (error.code === 'media_unreadable' || error.code === 'media_no_frames');

type Facts = Omit<MediaProbe, 'bytes'>;

async function probeStill(
  file: string,
  signature: Signature,
  limits: MediaLimits,
  signal?: AbortSignal,
): Promise<Facts> {
  if (signature.extension === 'bmp') return probeBitmap(file, signature, limits, signal);
  const still = await stillMetadata(file);
  refuseLarger(still, limits.maxPixels);
  const animated = still.pages > 1 && still.delaysMs.length > 0;
  if (animated && still.format === 'gif') {
    return probeStream(file, signature, Infinity, limits, signal);
  }
  const isHeif = still.format === 'heic' || still.format === 'avif';
  const hdr = isHeif ? await heifHdr(file) : null;
  return { ...stillFacts(still), hdr, ...(animated ? animationFacts(still, limits) : {}) };
}

function stillFacts(still: StillMetadata): Facts {
  const { format, width, height, rotationDegrees, mirrored } = still;
  return {
    ...{
      kind: 'image',
      container: format,
      codec: format,
      width,
      height,
      rotationDegrees,
      mirrored,
    },
    ...{ durationSeconds: null, startSeconds: 0, frameRate: null },
    ...{
      variableFrameRate: false,
      hasAudio: false,
      streamIndex: null,
      interlaced: false,
      hdr: null,
    },
  };
}

/** The picture decoder knows no BMP; ffmpeg does. */
async function probeBitmap(
  file: string,
  signature: Signature,
  limits: MediaLimits,
  signal?: AbortSignal,
): Promise<Facts> {
  const deadline = performance.now() + limits.probeTimeoutMs;
  const { video } = await askFfprobe(file, signature, { deadline, limits, signal });
  if (video === null || video.width === 0) throw unreadable(`${signature.found} without pixels`);
  refuseLarger(video, limits.maxPixels);
  const upright = { ...UPRIGHT, pages: 1, delaysMs: [] };
  return stillFacts({ ...upright, format: 'bmp', width: video.width, height: video.height });
}

function animationFacts(still: StillMetadata, limits: MediaLimits): Partial<Facts> {
  const timing = animationTiming(still.delaysMs);
  refuseLonger(timing.durationSeconds ?? 0, limits);
  return { kind: 'video', ...timing };
}

async function probeStream(
  file: string,
  signature: Signature,
  bytes: number,
  limits: MediaLimits,
  signal?: AbortSignal,
): Promise<Facts> {
  const deadline = performance.now() + limits.probeTimeoutMs;
  const options: ProbeRunOptions = { deadline, limits, signal };
  const found = await askFfprobe(file, signature, options);
  const container =
    found.container === 'matroska' && signature.extension === 'webm' ? 'webm' : found.container;
  if (found.video === null) return audioFacts(found, container, signature);
  const { codec, encryptionKeyId, ...video } = found.video;
  if (encryptionKeyId !== null) throw encrypted(signature.found, 'with a key of its container');
  if (codec === null) {
    throw unreadable(`${signature.found} with video of an unknown codec`);
  }
  if (video.width === 0 || video.height === 0) throw noFrames();
  refuseLarger(video, limits.maxPixels);
  const durationSeconds = await durationOf(file, video, bytes, options);
  refuseLonger(durationSeconds, limits);
  const hasAudio = found.audioCodec !== null;
  return { ...video, kind: 'video', container, codec, durationSeconds, hasAudio };
}

async function askFfprobe(
  file: string,
  signature: Signature,
  options: ProbeRunOptions,
): Promise<ContainerFacts> {
  let json = '';
  try {
    await ffprobe(file, probeArguments(options.limits.maxStreams), options, (line) => {
      json += line;
    });
  } catch (error) {
    if (!(error instanceof MediaError)) throw error;
    if (error.code === 'media_unsupported') {
      throw unsupported(`${signature.found} (format ${error.message})`);
    }
    if (error.code !== 'media_unreadable' || error.details.reason === undefined) throw error;
    throw unreadable(`${signature.found} that can't be read (${error.message})`, error);
  }
  return parseProbe(JSON.parse(json));
}

function audioFacts(found: ContainerFacts, container: string, signature: Signature): Facts {
  const { audioCodec, durationSeconds } = found;
  if (audioCodec === null) throw unreadable(`${signature.found} without pictures or sound`);
  return {
    ...{ kind: 'audio', container, codec: audioCodec, width: 0, height: 0, ...UPRIGHT },
    ...{ durationSeconds, startSeconds: 0, frameRate: null },
    ...{
      variableFrameRate: false,
      hasAudio: true,
      streamIndex: null,
      interlaced: false,
      hdr: null,
    },
  };
}

async function durationOf(
  file: string,
  { durationSeconds, frameRate, streamIndex }: Omit<VideoFacts, 'codec' | 'encryptionKeyId'>,
  bytes: number,
  options: ProbeRunOptions,
): Promise<number> {
  if (isPlausible(durationSeconds, bytes)) return durationSeconds;
  const measured = await measureDuration(file, streamIndex, options);
  if (measured === null) throw noFrames();
  // A lone frame whose own length nobody tells.
  return Math.max(measured, 1 / (frameRate ?? 25));
}
