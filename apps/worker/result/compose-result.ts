import { CROP_MARGIN } from '../../../libs/faces/crop.js';
import { noFrames } from '../../../libs/media/refusals.js';
import { coverageOf, timeShares, type Span } from '../../../libs/scoring/coverage.js';
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
import { planVideo, type Segment } from '../../../workflows/segment-plan.js';
import { resultIdOf, type ScoredSegment } from './scored-segments.js';
import { reachOf, timedSamples, timelineEntries } from './timed-samples.js';

/**
 * The result from what was measured: nothing in it but numbers of the segments and facts of the run.
 * @throws MediaError `media_no_frames` when not one sample of a longer video could be decoded
 */
export function composeResult(
  input: AggregateInput,
  segments: readonly ScoredSegment[],
  { now, isDemo }: { readonly now: Date; readonly isDemo: boolean },
): AnalysisResult {
  const { request, probed, model, thresholds = STANDARD_THRESHOLDS } = input;
  const { timeline, weights, coverage } = seenOf(input, segments);
  if (timeline.length === 0) throw noFrames();
  const scores = seedScores(
    timeline.map(({ p }) => p),
    probed.mediaType === 'VIDEO',
    weights,
  );
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

/** What was seen: in order of time, with what each sample counts where they don't all count alike. */
interface Seen {
  readonly timeline: readonly TimelineEntry[];
  readonly weights: readonly number[] | null;
  readonly coverage: Coverage;
}

function seenOf(input: AggregateInput, segments: readonly ScoredSegment[]): Seen {
  const { request, probed } = input;
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
    return {
      timeline: segments.flatMap(timelineEntries),
      weights: null,
      coverage: { policy, duration_seconds: null, analysed_seconds: null, ...counts, gaps: [] },
    };
  }
  const { policy } = planVideo({ ...probed, durationSeconds: duration }, request.sampling ?? null);
  const samples = timedSamples(segments);
  const shares = timeShares(samples, duration, reachOf(probed));
  const { analysedSeconds, gaps } = coverageOf(shares, duration);
  const milli = (value: number) => Math.round(value * 1000) / 1000;
  return {
    timeline: samples.flatMap(({ entry }) => entry ?? []),
    weights: UNEVEN.has(policy)
      ? shares.flatMap(({ from, to, decoded }) => (decoded ? [to - from] : []))
      : null,
    coverage: {
      policy,
      duration_seconds: milli(duration),
      analysed_seconds: milli(analysedSeconds),
      ...counts,
      gaps: gaps.map(([from, to]) => [milli(from), milli(to)] as const),
      ...(policy === 'adaptive' ? { closer_looks: closerLooks(input.closer ?? []) } : {}),
    },
  };
}

/** Segments that adjoin are one look. */
function closerLooks(segments: readonly Segment[]): readonly Span[] {
  const looks: [number, number][] = [];
  for (const { startSeconds, endSeconds } of segments) {
    const last = looks.at(-1);
    if (last?.[1] === startSeconds) last[1] = endSeconds;
    else looks.push([startSeconds, endSeconds]);
  }
  return looks;
}

/** Policies whose samples don't lie evenly. */
const UNEVEN: ReadonlySet<Coverage['policy']> = new Set(['keyframes', 'adaptive']);

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
