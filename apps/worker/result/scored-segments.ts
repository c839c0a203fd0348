import type { BlobStore } from '../../../libs/blobs/blob-store.js';
import type {
  AggregateInput,
  PlanCloserLookInput,
  SegmentSamples,
  SegmentScores,
} from '../../../workflows/contracts/activities.js';
import {
  samplesKey,
  scoresKey,
  type CropsOf,
  type SegmentName,
} from '../../../workflows/contracts/blob-keys.js';
import { planSegments } from '../../../workflows/plan-segments.js';
import { nameOf, type Segment } from '../../../workflows/segment-plan.js';
import { readJson } from '../activities/json-blobs.js';
import { lostSegments } from '../activities/lost-segments.js';

/** A segment with its samples and the fake probability of each. */
export interface ScoredSegment {
  readonly segment: Segment;
  readonly samples: SegmentSamples;
  readonly probabilities: readonly number[];
}

/** The analysis that the result is of. */
export function resultIdOf({ analysisId, request }: AggregateInput): string {
  return analysisId ?? request.analysisId;
}

/** What names the crops of a run. */
export function cropsOf({ request, crop }: PlanCloserLookInput): CropsOf {
  return { analysisId: request.analysisId, cropsId: request.cropsId, crop };
}

/**
 * What extraction and scoring stored of each segment, in order.
 * @throws ApplicationFailure `crops_missing` or `scores_missing` with the segments of which not all is there
 * @throws Error when parts don't belong together
 */
export async function readSamples(
  blobs: BlobStore,
  input: Omit<AggregateInput, 'startedAt'>,
): Promise<readonly ScoredSegment[]> {
  const { request, probed, model } = input;
  const segments = [...(input.segments ?? planSegments(request, probed)), ...(input.closer ?? [])];
  const crops = cropsOf(input);
  const scored: ScoredSegment[] = [];
  const lost = { samples: [] as SegmentName[], scores: [] as SegmentName[] };
  for (const segment of segments) {
    const name = nameOf(segment);
    const samples = await readJson<SegmentSamples>(blobs, samplesKey(crops, name));
    const scores =
      samples?.decoded === 0
        ? NO_SCORES
        : await readJson<SegmentScores>(
            blobs,
            scoresKey(request.analysisId, name, model.fingerprint),
          );
    if (samples === null) lost.samples.push(name);
    else if (scores === null) lost.scores.push(name);
    else scored.push({ segment, samples, probabilities: probabilitiesOf(samples, scores) });
  }
  const { samples, scores } = lost;
  // Both at once, as whoever makes a segment anew makes all of it.
  if (samples.length > 0) throw lostSegments('crops_missing', [...samples, ...scores]);
  if (scores.length > 0) throw lostSegments('scores_missing', scores);
  return scored;
}

const NO_SCORES: Pick<SegmentScores, 'fakeProbabilities'> = { fakeProbabilities: [] };

function probabilitiesOf(
  { segment, samples }: SegmentSamples,
  { fakeProbabilities }: Pick<SegmentScores, 'fakeProbabilities'>,
): readonly number[] {
  if (fakeProbabilities.length === samples.length) return fakeProbabilities;
  throw new Error(
    `expected ${samples.length} scores of segment ${segment}, found ${fakeProbabilities.length}`,
  );
}
