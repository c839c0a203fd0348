import type { ProbedMedia } from './contracts/activities.js';
import { SAMPLING_BOUNDS, type Sampling } from './contracts/sampling.js';

/** Up to this long a video is sampled evenly unless something else is asked for; no segment is longer, unless of key frames. */
export const SEGMENT_SECONDS = 60;
/** Reading key frames is so quick that segments of a minute would cost more than what is done in them. */
const KEY_FRAME_SEGMENT_SECONDS = 300;
/** Samples of one segment: their crops are held in memory together. */
const MOST_SAMPLES = 150;
/** Each frame of these is stored whole, or none can be told to be: there is nothing to skip. */
const WITHOUT_KEY_FRAMES = new Set(['gif', 'apng', 'webp']);

/** A span of the medium that is extracted and scored as one unit of work. */
export interface Segment {
  readonly index: number;
  readonly startSeconds: number;
  readonly endSeconds: number;
  /** Number, over the whole medium, of the segment's first sample. */
  readonly firstSample: number;
  /** Of key frames: the most that can be found, one for each of as many equal parts of the span. */
  readonly samples: number;
  /** Samples are the key frames in the span, not the frames at given times. */
  readonly keyFrames?: true;
}

/** Which policy a video is sampled by, and the segments that follow from it. */
export interface SamplingPlan {
  readonly policy: Sampling['policy'];
  readonly segments: readonly Segment[];
}

type Video = Pick<ProbedMedia, 'container' | 'frameRate'> & { readonly durationSeconds: number };

/**
 * Cuts a video into segments and says how many samples each gets. Without a wish, a video of up to a minute gets 30 samples
 * spread evenly, a longer one a sample a second.
 *
 * @param video of more than 0 s; where its frame rate is known, no more samples are planned than there are frames
 * @param sampling null = nothing was asked for
 */
export function planVideo(video: Video, sampling: Sampling | null): SamplingPlan {
  const wish = sampling ?? standardSampling(video);
  const { policy } = wish;
  switch (policy) {
    case 'even':
      return { policy, segments: planEven(video, wish.frames) };
    case 'fps':
      return { policy, segments: planRate(video, wish.fps) };
    case 'keyframes':
      if (WITHOUT_KEY_FRAMES.has(video.container ?? ''))
        return { policy: 'fps', segments: planRate(video, wish.fps) };
      return { policy, segments: planKeyFrames(video, wish.fps) };
  }
}

function standardSampling({ durationSeconds }: Video): Sampling {
  const { frames, fps } = SAMPLING_BOUNDS;
  return durationSeconds <= SEGMENT_SECONDS
    ? { policy: 'even', frames: frames.standard }
    : { policy: 'fps', fps: fps.standard };
}

/** Segments end between samples, so that samples lie evenly over all of them. */
function planEven({ durationSeconds, frameRate }: Video, wanted: number): readonly Segment[] {
  const frames = frameRate === null ? wanted : Math.floor(durationSeconds * frameRate);
  const total = Math.max(1, Math.min(wanted, frames));
  const step = durationSeconds / total;
  const each = Math.max(1, Math.min(MOST_SAMPLES, Math.floor(SEGMENT_SECONDS / step + 1e-9)));
  return Array.from({ length: Math.ceil(total / each) }, (_, index) => {
    const firstSample = index * each;
    const samples = Math.min(each, total - firstSample);
    const isLast = firstSample + samples === total;
    const endSeconds = isLast ? durationSeconds : (firstSample + samples) * step;
    return { index, startSeconds: firstSample * step, endSeconds, firstSample, samples };
  });
}

function planRate({ durationSeconds, frameRate }: Video, wanted: number): readonly Segment[] {
  const rate = frameRate === null ? wanted : Math.min(wanted, frameRate);
  const length = Math.min(SEGMENT_SECONDS, Math.floor(MOST_SAMPLES / rate));
  return cut(durationSeconds, length, Math.max(1, 1 / rate), (seconds) =>
    Math.max(1, Math.round(seconds * rate)),
  );
}

function planKeyFrames({ durationSeconds }: Video, rate: number): readonly Segment[] {
  const length = Math.min(KEY_FRAME_SEGMENT_SECONDS, Math.floor(MOST_SAMPLES / rate));
  const segments = cut(durationSeconds, length, 1 / rate, (seconds) => Math.ceil(seconds * rate));
  return segments.map((segment) => ({ ...segment, keyFrames: true }));
}

/** Segments of equal length; a rest shorter than `leastRest` is joined to the segment before it. */
function cut(
  durationSeconds: number,
  length: number,
  leastRest: number,
  samplesOf: (seconds: number) => number,
): readonly Segment[] {
  const count = Math.max(1, Math.floor((durationSeconds + length - leastRest) / length));
  const segments: Segment[] = [];
  let firstSample = 0;
  for (let index = 0; index < count; index += 1) {
    const startSeconds = index * length;
    const endSeconds = index === count - 1 ? durationSeconds : startSeconds + length;
    const samples = samplesOf(endSeconds - startSeconds);
    segments.push({ index, startSeconds, endSeconds, firstSample, samples });
    firstSample += samples;
  }
  return segments;
}

/** A still, or a client's frames: one segment without a duration. */
export function planPictures(count: number): readonly Segment[] {
  return [{ index: 0, startSeconds: 0, endSeconds: 0, firstSample: 0, samples: count }];
}

/** Seconds of each of a segment's samples, or the most that lie between one key frame and the next that is taken. */
export function sampleSeconds({ startSeconds, endSeconds, samples }: Segment): number {
  return (endSeconds - startSeconds) / samples;
}

/** Times in seconds of a segment's samples: the middles of `samples` equal parts of its span, ascending. */
export function sampleTimes(segment: Segment): readonly number[] {
  const step = sampleSeconds(segment);
  return Array.from({ length: segment.samples }, (_, i) => segment.startSeconds + (i + 0.5) * step);
}
