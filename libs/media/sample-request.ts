import type { DecoderLimits } from './limits.js';
import type { MediaProbe } from './probe.js';
import type { RasterImage } from './raster-image.js';
import type { SpareBuffers } from './spare-buffers.js';

/** A span of a video, in seconds from the first frame. */
interface Span {
  readonly startSeconds: number;
  readonly endSeconds: number;
}

/** The times in a span at which a frame is wanted. */
export interface TimesRequest extends Span {
  /** Seconds from the first frame, ascending, within the span. At most 2000. */
  readonly times: readonly number[];
}

/** The key frames of a span are wanted: those that were stored whole, so that nothing else need be decoded. */
export interface KeyFramesRequest extends Span {
  /** Of each part of the span that is this long, in seconds, the first key frame. At least a millisecond. */
  readonly keyFrameEvery: number;
}

export type SampleRequest = TimesRequest | KeyFramesRequest;

/** A frame that stands for a target time, or a key frame. */
export interface SampledFrame extends RasterImage {
  /** Index of the target time, or of the key frame's part of the span. */
  readonly sample: number;
  /** The frame's own presentation time, from the stream: seconds from the first frame. */
  readonly seconds: number;
}

/** How a span fared. */
export interface DecodeSummary {
  /** Frames decoded on the way, sampled or not. */
  readonly decodedFrames: number;
  /** Packets of which the decoder made nothing. */
  readonly undecodablePackets: number;
  /** Samples without a frame: indices of target times, or of parts of the span whose key frame could not be decoded. */
  readonly missing: readonly number[];
}

/** What of a probe the decoder needs. */
export type DecodeSource = Pick<
  MediaProbe,
  | 'kind'
  | 'container'
  | 'width'
  | 'height'
  | 'durationSeconds'
  | 'startSeconds'
  | 'frameRate'
  | 'variableFrameRate'
  | 'rotationDegrees'
  | 'mirrored'
> &
  /** Runs of an earlier release don't know these. */
  Partial<Pick<MediaProbe, 'streamIndex' | 'interlaced' | 'hdr'>>;

export interface SampleOptions {
  readonly probe: DecodeSource;
  readonly signal?: AbortSignal;
  /** Refuse larger pictures. */
  readonly maxPixels?: number;
  /** Streams that the container may have. */
  readonly maxStreams?: number;
  /** What the decoder may use. */
  readonly decoder?: Partial<DecoderLimits>;
  /** Where the buffers of a video's frames come from; whoever is done with one gives it back there, or keeps it. */
  readonly spare?: SpareBuffers;
  /** Told the number of target times, or of parts of the span, that are done, with a frame or without. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Told once, when the span has been read to its end; not when the caller leaves early or an error is thrown. */
  readonly onSummary?: (summary: DecodeSummary) => void;
}

/** Target times of one request: as many fit on ffmpeg's command line. */
const MOST_TARGETS = 2000;

/** @throws RangeError for times that are not ascending, not in the span or too many */
export function checkTimes({ startSeconds, endSeconds, times }: TimesRequest): void {
  if (times.length > MOST_TARGETS) {
    throw new RangeError(`expected at most ${MOST_TARGETS} target times, got ${times.length}`);
  }
  let before = startSeconds;
  for (const time of times) {
    if (!(time >= before && time <= endSeconds)) {
      throw new RangeError(
        `expected ascending times from ${startSeconds} to ${endSeconds} s, got ${time} after ${before}`,
      );
    }
    before = time;
  }
}

/** Whether the whole video is asked for. */
export function isWhole({ startSeconds, endSeconds }: SampleRequest, probe: DecodeSource): boolean {
  return startSeconds <= 0 && endSeconds >= (probe.durationSeconds ?? 0) - 0.001;
}
