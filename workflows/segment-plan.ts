/** Up to this long a video is one segment, sampled evenly; beyond, it is cut and sampled by the second. */
export const SEGMENT_SECONDS = 60;
/** Samples of a video of up to one segment. */
const EVEN_SAMPLES = 30;
/** Samples per second of a longer video. */
const SAMPLES_PER_SECOND = 1;

/** A span of the medium that is extracted and scored as one unit of work. */
export interface Segment {
  readonly index: number;
  readonly startSeconds: number;
  readonly endSeconds: number;
  /** Number, over the whole medium, of the segment's first sample. */
  readonly firstSample: number;
  readonly samples: number;
}

/**
 * Cuts a video into segments and says how many samples each gets; samples lie evenly over the whole duration.
 * A rest of less than one second is joined to the segment before it.
 *
 * @param durationSeconds length of the video, > 0
 * @param frameRate frames per second where known; a clip of fewer frames than samples gets one sample a frame
 */
export function planVideo(durationSeconds: number, frameRate: number | null): readonly Segment[] {
  if (durationSeconds <= SEGMENT_SECONDS) {
    const frames = frameRate === null ? EVEN_SAMPLES : Math.floor(durationSeconds * frameRate);
    const samples = Math.max(1, Math.min(EVEN_SAMPLES, frames));
    return [{ index: 0, startSeconds: 0, endSeconds: durationSeconds, firstSample: 0, samples }];
  }
  const segments: Segment[] = [];
  const count = Math.max(1, Math.floor((durationSeconds + SEGMENT_SECONDS - 1) / SEGMENT_SECONDS));
  let firstSample = 0;
  for (let index = 0; index < count; index += 1) {
    const startSeconds = index * SEGMENT_SECONDS;
    const endSeconds = index === count - 1 ? durationSeconds : startSeconds + SEGMENT_SECONDS;
    const samples = Math.max(1, Math.round((endSeconds - startSeconds) * SAMPLES_PER_SECOND));
    segments.push({ index, startSeconds, endSeconds, firstSample, samples });
    firstSample += samples;
  }
  return segments;
}

/** A still, or a client's frames: one segment without a duration. */
export function planPictures(count: number): readonly Segment[] {
  return [{ index: 0, startSeconds: 0, endSeconds: 0, firstSample: 0, samples: count }];
}

/** Times in seconds of a segment's samples: the middles of `samples` equal parts of its span, ascending. */
export function sampleTimes(segment: Segment): readonly number[] {
  const step = (segment.endSeconds - segment.startSeconds) / segment.samples;
  return Array.from({ length: segment.samples }, (_, i) => segment.startSeconds + (i + 0.5) * step);
}
