import type { BlobStore } from '../../../libs/blobs/blob-store.js';
import type {
  AnalysisSummary,
  AggregateInput,
  MediaActivities,
  ReviewActivities,
} from '../../../workflows/contracts/activities.js';
import { aggregationKey, resultKey } from '../../../workflows/contracts/blob-keys.js';
import type { AnalysisResult } from '../../../workflows/contracts/result.js';
import { isDemoModel } from '../demo-model.js';
import { hasEvidenceFaces, writeEvidenceFaces } from './evidence-faces.js';
import { withHeartbeat } from './heartbeat.js';
import { readJson, writeJson, writeJsonOnce } from './json-blobs.js';
import { isLost, lostOf, nothingStored } from './lost-segments.js';
import { composeResult } from '../result/compose-result.js';
import { cropsOf, readSamples, resultIdOf } from '../result/scored-segments.js';

/**
 * Adds up all segments into `result.json`, with pictures of the faces that tell most. A stored result is taken as it is; what
 * of its evidence is damaged or gone is made anew.
 */
export function aggregate(blobs: BlobStore): MediaActivities['aggregate'] {
  // A cancel that comes now comes too late: either there is a result and the run has succeeded, or there is none.
  return (input) => withHeartbeat(1, () => storeResult(blobs, input));
}

/** The same on the scores of another analysis, which must have got as far as its own result. */
export function aggregateAgain(blobs: BlobStore): ReviewActivities['aggregateAgain'] {
  return ({ again: { of, analysisId, thresholds }, startedAt }) =>
    withHeartbeat(1, async () => {
      const input = await readJson<AggregateInput>(blobs, aggregationKey(of));
      if (input === null) throw nothingStored(of);
      try {
        return await storeResult(blobs, { ...input, analysisId, thresholds, startedAt });
      } catch (error) {
        throw isLost(error) ? lostOf(input.request.analysisId, error) : error;
      }
    });
}

async function storeResult(blobs: BlobStore, input: AggregateInput): Promise<AnalysisSummary> {
  const id = resultIdOf(input);
  const stored = await readJson<AnalysisResult>(blobs, resultKey(id));
  if (stored !== null) {
    await mendEvidence(blobs, input, stored);
    return summaryOf(stored);
  }
  const segments = await readSamples(blobs, input);
  const result = composeResult(input, segments, {
    now: new Date(),
    isDemo: isDemoModel(input.model),
  });
  await Promise.all([
    writeEvidenceFaces(blobs, id, cropsOf(input), segments),
    writeJson(blobs, aggregationKey(id), input),
  ]);
  return summaryOf(await writeJsonOnce(blobs, resultKey(id), result));
}

/** What the stored result was made from stays as it was, so that it can be verified. */
async function mendEvidence(
  blobs: BlobStore,
  input: AggregateInput,
  { id, model, created_at, inference_time }: AnalysisResult,
): Promise<void> {
  if ((await readJson(blobs, aggregationKey(id))) === null) {
    const startedAt = Date.parse(created_at) - inference_time;
    await writeJson(blobs, aggregationKey(id), { ...input, model, startedAt });
  }
  if (await hasEvidenceFaces(blobs, id)) return;
  await writeEvidenceFaces(blobs, id, cropsOf(input), await readSamples(blobs, input));
}

function summaryOf(result: AnalysisResult): AnalysisSummary {
  const {
    video_score,
    peak_risk,
    mean_risk,
    audio_score,
    gan_fingerprint,
    temporal_consistency,
    risk_score,
    confidence,
  } = result;
  return {
    analysisId: result.id,
    verdict: result.verdict,
    reasons: result.reasons,
    scores: {
      video_score,
      peak_risk,
      mean_risk,
      audio_score,
      gan_fingerprint,
      temporal_consistency,
      risk_score,
      confidence,
    },
    framesScored: result.timeline.length,
    resultKey: resultKey(result.id),
  };
}
