import type { BlobStore } from '../../../libs/blobs/blob-store.js';
import type {
  AnalysisSummary,
  AggregateInput,
  MediaActivities,
} from '../../../workflows/contracts/activities.js';
import { resultKey } from '../../../workflows/contracts/blob-keys.js';
import type { AnalysisResult } from '../../../workflows/contracts/result.js';
import { isDemoModel } from '../demo-model.js';
import { writeEvidenceFaces } from './evidence-faces.js';
import { withHeartbeat } from './heartbeat.js';
import { readJson, writeJsonOnce } from './json-blobs.js';
import { composeResult } from '../result/compose-result.js';
import { cropsOf, readSamples } from '../result/scored-segments.js';

/** Adds up all segments into `result.json`, with pictures of the faces that tell most; a stored result is taken as it is. */
export function aggregate(blobs: BlobStore): MediaActivities['aggregate'] {
  return (input) =>
    // A cancel that comes now comes too late: either there is a result and the run has succeeded, or there is none.
    withHeartbeat(1, async () => {
      const key = resultKey(input.request.analysisId);
      const stored = await readJson<AnalysisResult>(blobs, key);
      if (stored !== null) return summaryOf(stored, input);
      const segments = await readSamples(blobs, input);
      const result = composeResult(input, segments, {
        now: new Date(),
        isDemo: isDemoModel(input.model),
      });
      await writeEvidenceFaces(blobs, cropsOf(input), segments);
      return summaryOf(await writeJsonOnce(blobs, key, result), input);
    });
}

function summaryOf(result: AnalysisResult, { request }: AggregateInput): AnalysisSummary {
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
    analysisId: request.analysisId,
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
    resultKey: resultKey(request.analysisId),
  };
}
