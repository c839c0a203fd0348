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
import { needJson } from '../activities/json-blobs.js';

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

/** What extraction and scoring stored of each segment, in order. @throws Error when parts don't belong together */
export async function readSamples(
  blobs: BlobStore,
  input: Omit<AggregateInput, 'startedAt'>,
): Promise<readonly ScoredSegment[]> {
  const { request, probed, model } = input;
  const segments = [...(input.segments ?? planSegments(request, probed)), ...(input.closer ?? [])];
  const crops = cropsOf(input);
  const scored: ScoredSegment[] = [];
  for (const segment of segments) {
    const samples = await needJson<SegmentSamples>(blobs, samplesKey(crops, nameOf(segment)));
    const probabilities =
      samples.decoded === 0
        ? []
        : await readScores(blobs, request.analysisId, nameOf(segment), model.fingerprint);
    if (probabilities.length !== samples.samples.length) {
      throw new Error(
        `expected ${samples.samples.length} scores of segment ${nameOf(segment)}, found ${probabilities.length}`,
      );
    }
    scored.push({ segment, samples, probabilities });
  }
  return scored;
}

async function readScores(
  blobs: BlobStore,
  id: string,
  segment: SegmentName,
  fingerprint: string,
): Promise<readonly number[]> {
  const scores = await needJson<SegmentScores>(blobs, scoresKey(id, segment, fingerprint));
  return scores.fakeProbabilities;
}
