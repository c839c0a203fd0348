import { CROP_MARGIN } from '../../../libs/faces/crop.js';
import { coverageOf, type PlannedSample } from '../../../libs/scoring/coverage.js';
import { seedScores } from '../../../libs/scoring/seed-scores.js';
import { summariseTracks } from '../../../libs/scoring/tracks.js';
import { decide, STANDARD_THRESHOLDS } from '../../../libs/scoring/verdict.js';
import type { AggregateInput } from '../../../workflows/contracts/activities.js';
import type {
  AnalysisResult,
  Coverage,
  MediaFacts,
  ResultFlag,
  TimelineEntry,
} from '../../../workflows/contracts/result.js';
import { sampleTimes, SEGMENT_SECONDS } from '../../../workflows/segment-plan.js';
import { resultIdOf, type ScoredSegment } from './scored-segments.js';

/** The largest face of each frame counts as one track. */
const MAIN_TRACK = 0;

/** The result from what was measured: nothing in it but numbers of the segments and facts of the run. */
export function composeResult(
  input: AggregateInput,
  segments: readonly ScoredSegment[],
  { now, isDemo }: { readonly now: Date; readonly isDemo: boolean },
): AnalysisResult {
  const { request, probed, model, thresholds = STANDARD_THRESHOLDS } = input;
  const timeline = timelineOf(segments);
  const scores = seedScores(
    timeline.map(({ p }) => p),
    probed.mediaType === 'VIDEO',
  );
  const coverage = coverageOfRun(input, segments);
  const { verdict, reasons } = decide(
    {
      riskScore: scores.risk_score,
      meanRisk: scores.mean_risk,
      framesWithFace: coverage.frames_decoded - coverage.frames_without_face,
      coverage: shareOf(coverage),
    },
    thresholds,
  );
  return {
    ...scores,
    inference_time: Math.max(0, Math.round(now.getTime() - input.startedAt)),
    model_version: request.modelVersion,
    id: resultIdOf(input),
    verdict,
    reasons,
    coverage,
    tracks: summariseTracks(timeline),
    timeline,
    flags: flagsOf(coverage, isDemo),
    media: mediaFacts(input),
    model,
    pipeline: {
      revision: request.pipeline,
      face_detector: segments[0]?.samples.faceDetector ?? '',
      crop_margin: CROP_MARGIN,
      fake_threshold: thresholds.fake,
      real_threshold: thresholds.real,
    },
    created_at: now.toISOString(),
  };
}

function timelineOf(segments: readonly ScoredSegment[]): TimelineEntry[] {
  return segments.flatMap(({ samples, probabilities }) =>
    samples.samples.map(({ frame, seconds, box }, i) => ({
      frame,
      t: seconds === null ? null : Math.round(seconds * 1000) / 1000,
      p: probabilities[i] ?? NaN,
      box,
      track: box === null ? null : MAIN_TRACK,
    })),
  );
}

function coverageOfRun(
  { request, probed }: AggregateInput,
  segments: readonly ScoredSegment[],
): Coverage {
  const sum = (pick: (segment: ScoredSegment) => number) =>
    segments.reduce((total, segment) => total + pick(segment), 0);
  const counts = {
    frames_sampled: sum(({ samples }) => samples.sampled),
    frames_decoded: sum(({ samples }) => samples.decoded),
    frames_unreadable: sum(({ samples }) => samples.unreadable),
    frames_without_face: sum(({ samples }) => samples.withoutFace),
  };
  const duration = probed.durationSeconds;
  if (request.input.kind === 'frames' || duration === null) {
    const policy = request.input.kind === 'frames' ? 'frames' : 'still';
    return { policy, duration_seconds: null, analysed_seconds: null, ...counts, gaps: [] };
  }
  const { analysedSeconds, gaps } = coverageOf(segments.flatMap(plannedSamples));
  const milli = (value: number) => Math.round(value * 1000) / 1000;
  return {
    policy: duration <= SEGMENT_SECONDS ? 'even' : 'fps',
    duration_seconds: milli(duration),
    analysed_seconds: milli(analysedSeconds),
    ...counts,
    gaps: gaps.map(([from, to]) => [milli(from), milli(to)] as const),
  };
}

/** Each sample stands for its part of the segment. */
function plannedSamples({ segment, samples }: ScoredSegment): PlannedSample[] {
  const decoded = new Set(samples.samples.map(({ frame }) => frame - segment.firstSample));
  const half = (segment.endSeconds - segment.startSeconds) / segment.samples / 2;
  return sampleTimes(segment).map((time, i) => ({
    from: time - half,
    to: time + half,
    decoded: decoded.has(i),
  }));
}

/** Share of the time, or of the frames where there is no time, that was looked at; 0..1. */
function shareOf({
  duration_seconds: duration,
  analysed_seconds: analysed,
  frames_sampled,
  frames_decoded,
}: Coverage) {
  if (duration === null || analysed === null) return frames_decoded / frames_sampled;
  return analysed / duration;
}

function flagsOf(coverage: Coverage, isDemo: boolean): ResultFlag[] {
  const {
    frames_decoded: decoded,
    frames_without_face: without,
    frames_unreadable: unreadable,
  } = coverage;
  const flags: ResultFlag[] = [];
  if (without === decoded) flags.push('whole_image_scored');
  else if (without > 0) flags.push('some_frames_without_face');
  if (unreadable > 0) flags.push('some_frames_unreadable');
  if (isDemo) flags.push('demo_model');
  return flags;
}

function mediaFacts({ request, probed }: AggregateInput): MediaFacts {
  return {
    sha256: request.input.sha256,
    declared_hash: request.declaredHash,
    media_type: probed.mediaType,
    bytes: probed.bytes,
    container: probed.container,
    codec: probed.codec,
    width: probed.width,
    height: probed.height,
    duration_seconds: probed.durationSeconds,
    frame_rate: probed.frameRate,
    rotation_degrees: probed.rotationDegrees,
  };
}
