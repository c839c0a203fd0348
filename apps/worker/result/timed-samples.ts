import type { TakenSample } from '../../../libs/scoring/coverage.js';
import type { TimelineEntry } from '../../../workflows/contracts/result.js';
import { sampleTimes } from '../../../workflows/segment-plan.js';
import type { ScoredSegment } from './scored-segments.js';

/** The largest face of each frame counts as one track. */
const MAIN_TRACK = 0;

/** A sample of a video at the time it was planned for, or, of key frames, its own. */
export interface TimedSample extends TakenSample {
  /** Null where nothing could be decoded. */
  readonly entry: TimelineEntry | null;
}

/** Every sample of a video, decoded or not, in order of time. */
export function timedSamples(segments: readonly ScoredSegment[]): readonly TimedSample[] {
  return segments
    .flatMap((scored) => (scored.segment.keyFrames === true ? keyFrames(scored) : planned(scored)))
    .sort((a, b) => a.seconds - b.seconds);
}

/** The scored samples of a segment, in order. */
export function timelineEntries({
  samples,
  probabilities,
}: ScoredSegment): readonly TimelineEntry[] {
  return samples.samples.map(({ frame, seconds, box }, i) => ({
    frame,
    t: seconds === null ? null : Math.round(seconds * 1000) / 1000,
    p: probabilities[i] ?? NaN,
    box,
    track: box === null ? null : MAIN_TRACK,
  }));
}

function planned(scored: ScoredSegment): readonly TimedSample[] {
  const { segment } = scored;
  const entries = new Map(timelineEntries(scored).map((entry) => [entry.frame, entry]));
  return sampleTimes(segment).map((seconds, i) => {
    const entry = entries.get(segment.firstSample + i) ?? null;
    return { seconds, decoded: entry !== null, entry };
  });
}

/** Where a key frame that could not be decoded would have been is not known. */
function keyFrames(scored: ScoredSegment): readonly TimedSample[] {
  const entries = timelineEntries(scored);
  return scored.samples.samples.flatMap(({ seconds }, i) => {
    const entry = entries[i];
    return seconds === null || entry === undefined ? [] : [{ seconds, decoded: true, entry }];
  });
}
