import { createHash } from 'node:crypto';
import type { BlobStore } from '../../../libs/blobs/blob-store.js';
import type {
  AggregateInput,
  ReviewActivities,
  ScoreFacesInput,
} from '../../../workflows/contracts/activities.js';
import { aggregationKey, resultKey } from '../../../workflows/contracts/blob-keys.js';
import type { AnalysisResult } from '../../../workflows/contracts/result.js';
import type { VerdictLogic } from '../../../workflows/contracts/verification.js';
import { nameOf } from '../../../workflows/segment-plan.js';
import { isDemoModel } from '../demo-model.js';
import { composeResult } from '../result/compose-result.js';
import { cropsOf, readSamples, type ScoredSegment } from '../result/scored-segments.js';
import { withHeartbeat } from './heartbeat.js';
import { readJson } from './json-blobs.js';
import { nothingStored } from './lost-segments.js';

/** Makes a result again from what is stored of its run, as of the time it was made, and compares the bytes. Writes nothing. */
export function verifyVerdict(blobs: BlobStore): ReviewActivities['verifyVerdict'] {
  return ({ analysisId }) =>
    withHeartbeat(1, async () => {
      const input = await readJson<AggregateInput>(blobs, aggregationKey(analysisId));
      const stored = await blobs.get(resultKey(analysisId));
      if (input === null || stored === null) throw nothingStored(analysisId);
      const segments = await readSamples(blobs, input);
      const text = Buffer.from(stored).toString('utf8');
      const result = JSON.parse(text) as AnalysisResult;
      const again = composeResult(input, segments, {
        now: new Date(result.created_at),
        isDemo: isDemoModel(input.model),
      });
      return { logic: compare(text, result, again), segments: scoredParts(input, segments) };
    });
}

function compare(text: string, stored: AnalysisResult, again: AnalysisResult): VerdictLogic {
  const recomputed = JSON.stringify(again);
  const names = new Set([...Object.keys(stored), ...Object.keys(again)]);
  const member = (result: AnalysisResult, name: string) =>
    JSON.stringify(result[name as keyof AnalysisResult]);
  return {
    verdict_logic: recomputed === text ? 'identical' : 'different',
    stored_sha256: sha256(text),
    recomputed_sha256: sha256(recomputed),
    differences: [...names].filter((name) => member(stored, name) !== member(again, name)),
  };
}

function scoredParts(
  input: AggregateInput,
  segments: readonly ScoredSegment[],
): readonly ScoreFacesInput[] {
  return segments
    .filter(({ probabilities }) => probabilities.length > 0)
    .map(({ segment, probabilities }) => ({
      ...cropsOf(input),
      segment: nameOf(segment),
      count: probabilities.length,
      fingerprint: input.model.fingerprint,
    }));
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
