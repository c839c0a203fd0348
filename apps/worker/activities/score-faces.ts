import { ApplicationFailure } from '@temporalio/common';
import type { BlobStore } from '../../../libs/blobs/blob-store.js';
import type { InferenceEngine } from '../../../libs/model/engine.js';
import type {
  InferenceActivities,
  RescoreActivities,
  ScoredFaces,
  ScoreFacesInput,
  SegmentScores,
} from '../../../workflows/contracts/activities.js';
import { cropsKey, scoresKey } from '../../../workflows/contracts/blob-keys.js';
import { withHeartbeat, type HeartbeatDetails } from './heartbeat.js';
import { readJson, writeJson } from './json-blobs.js';
import { lostSegments } from './lost-segments.js';

/** Scores a segment's crops; an earlier attempt's scores are taken as they are. */
export function scoreFaces(
  blobs: BlobStore,
  engine: InferenceEngine,
): InferenceActivities['scoreFaces'] {
  // All of it with a heartbeat: a slow store must not look like a dead worker.
  return (input) =>
    withHeartbeat(input.count, async (signal, progress) => {
      refuseAnotherModel(input, engine.description.fingerprint);
      const key = scoresKey(input.analysisId, input.segment, input.fingerprint);
      const finished = await readJson<SegmentScores>(blobs, key);
      if (finished !== null) return scored(input, finished, true);

      const fakeProbabilities = await probabilitiesOf(blobs, engine, input, { signal, progress });
      const scores: SegmentScores = { fingerprint: input.fingerprint, fakeProbabilities };
      await writeJson(blobs, key, scores);
      return scored(input, scores, false);
    });
}

/** Scores a segment's stored crops once more and compares; the stored scores stay as they are. */
export function rescoreFaces(
  blobs: BlobStore,
  engine: InferenceEngine,
): RescoreActivities['rescoreFaces'] {
  return (input) =>
    withHeartbeat(input.count, async (signal, progress) => {
      refuseAnotherModel(input, engine.description.fingerprint);
      const key = scoresKey(input.analysisId, input.segment, input.fingerprint);
      const stored = (await readJson<SegmentScores>(blobs, key))?.fakeProbabilities;
      if (stored === undefined) throw lostSegments('scores_missing', [input.segment]);
      const again = await probabilitiesOf(blobs, engine, input, { signal, progress });
      return { maxDifference: Math.max(...stored.map((p, i) => Math.abs(p - (again[i] ?? NaN)))) };
    });
}

interface Attempt {
  readonly signal: AbortSignal;
  readonly progress: HeartbeatDetails;
}

async function probabilitiesOf(
  blobs: BlobStore,
  engine: InferenceEngine,
  input: ScoreFacesInput,
  { signal, progress }: Attempt,
): Promise<readonly number[]> {
  const crops = await needCrops(blobs, input);
  const { fakeProbabilities } = await engine.score(crops, input.count, {
    signal,
    onProgress: (done) => {
      progress.done = done;
    },
  });
  return fakeProbabilities;
}

async function needCrops(blobs: BlobStore, input: ScoreFacesInput) {
  const { segment, count, crop } = input;
  const crops = await blobs.get(cropsKey(input, segment));
  const expected = count * crop.size * crop.size * 3;
  if (crops?.length !== expected) throw lostSegments('crops_missing', [segment]);
  return crops;
}

function scored(input: ScoreFacesInput, scores: SegmentScores, reused: boolean): ScoredFaces {
  const { segment, count } = input;
  const { fingerprint } = scores;
  const maxProbability = count === 0 ? null : Math.max(...scores.fakeProbabilities);
  return { segment, count, fingerprint, maxProbability, reused };
}

function refuseAnotherModel(input: ScoreFacesInput, fingerprint: string): void {
  if (input.fingerprint === fingerprint) return;
  throw ApplicationFailure.create({
    type: 'model_mismatch',
    nonRetryable: true,
    message:
      `Expected the model with fingerprint ${input.fingerprint}, but this worker runs ${fingerprint}. ` +
      'All inference workers of one task queue must run the same model.',
  });
}
