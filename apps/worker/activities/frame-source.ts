import type { BlobStore } from '../../../libs/blobs/blob-store.js';
import {
  sampleFrames,
  type DecodeSummary,
  type SampleRequest,
} from '../../../libs/media/decode-video.js';
import type { MediaLimits } from '../../../libs/media/limits.js';
import { MediaError } from '../../../libs/media/media-error.js';
import { decodePicture } from '../../../libs/media/picture.js';
import type { RasterImage } from '../../../libs/media/raster-image.js';
import type { SpareBuffers } from '../../../libs/media/spare-buffers.js';
import type { ExtractFacesInput } from '../../../workflows/contracts/activities.js';
import type { FileInput, FramesInput } from '../../../workflows/contracts/request.js';
import { sampleSeconds, sampleTimes, type Segment } from '../../../workflows/segment-plan.js';
import { eachOfLocalMedium, withLocalMedium } from './local-blob.js';

export interface SourceFrame {
  /** As a timeline entry names it. */
  readonly frame: number;
  readonly seconds: number | null;
  readonly image: RasterImage;
}

/** How a segment's frames are read. */
export interface ReadingOptions {
  readonly limits: MediaLimits;
  readonly signal: AbortSignal;
  /** Where the buffers of a video's frames come from, and go back to. */
  readonly spare: SpareBuffers;
  /** Told once a video's segment has been read to its end. */
  readonly onSummary: (summary: DecodeSummary) => void;
}

/** A segment's frames one after the other, from whatever the input is. */
export async function* framesOf(
  blobs: BlobStore,
  job: ExtractFacesInput,
  options: ReadingOptions,
): AsyncGenerator<SourceFrame> {
  const { limits, signal } = options;
  if (job.input.kind === 'frames') yield* clientFrames(blobs, job.input, limits, signal);
  else if (job.probed.durationSeconds === null) yield* still(blobs, job.input, limits, signal);
  else yield* video(blobs, job.input, job, options);
}

/** Frames that can't be read are skipped; the caller counts them. */
async function* clientFrames(
  blobs: BlobStore,
  input: FramesInput,
  limits: MediaLimits,
  signal: AbortSignal,
): AsyncGenerator<SourceFrame> {
  for (const { index, key } of input.frames) {
    if (key === null) continue;
    signal.throwIfAborted();
    let image: RasterImage;
    try {
      image = await withLocalMedium(blobs, key, (path) => decodePicture(path, { limits, signal }));
    } catch (error) {
      if (!(error instanceof MediaError)) throw error;
      continue;
    }
    yield { frame: index, seconds: null, image };
  }
}

async function* still(
  blobs: BlobStore,
  input: FileInput,
  limits: MediaLimits,
  signal: AbortSignal,
): AsyncGenerator<SourceFrame> {
  const image = await withLocalMedium(blobs, input.key, (path) =>
    decodePicture(path, { limits, signal }),
  );
  yield { frame: 0, seconds: null, image };
}

async function* video(
  blobs: BlobStore,
  input: FileInput,
  { segment, probed }: ExtractFacesInput,
  { limits, signal, spare, onSummary }: ReadingOptions,
): AsyncGenerator<SourceFrame> {
  const options = {
    probe: { ...probed, kind: 'video', container: probed.container ?? 'unknown' },
    maxPixels: limits.maxPixels,
    maxStreams: limits.maxStreams,
    decoder: limits.decoder,
    signal,
    spare,
    onSummary,
  } as const;
  const decoded = eachOfLocalMedium(blobs, input.key, (path) =>
    sampleFrames(path, requestOf(segment), options),
  );
  for await (const { sample, seconds, ...image } of decoded)
    yield { frame: segment.firstSample + sample, seconds, image };
}

/** What of a video a segment's samples are. */
export function requestOf(segment: Segment): SampleRequest {
  const { startSeconds, endSeconds } = segment;
  return segment.keyFrames === true
    ? { startSeconds, endSeconds, keyFrameEvery: sampleSeconds(segment) }
    : { startSeconds, endSeconds, times: sampleTimes(segment) };
}
