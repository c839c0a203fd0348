import { createHash } from 'node:crypto';
import type { AnalysisRequest } from '../../../workflows/contracts/request.js';
import { canonicalJson, type Json } from './canonical-json.js';

/** All that a result depends on. */
export type AnalysisIdentity = Pick<
  AnalysisRequest,
  'tenant' | 'input' | 'mediaType' | 'pipeline' | 'modelFingerprint'
>;

const HEX_DIGITS = 16;
const ANALYSIS_ID = new RegExp(`^[0-9a-f]{${HEX_DIGITS}}-[0-9a-f]{${HEX_DIGITS}}$`);

/**
 * The same for the same media, pipeline, model and options, so that there is one run however many ask: the beginning of
 * the media's hash, for people, and of the hash over all that the result depends on.
 *
 * What a client calls a file does not count, as its content decides; for frames it decides how they are judged.
 */
export function analysisIdOf(identity: AnalysisIdentity): string {
  const { tenant, input, mediaType, pipeline, modelFingerprint } = identity;
  const parts: Json = {
    tenant,
    kind: input.kind,
    sha256: input.sha256,
    ...(input.kind === 'frames' ? { mediaType } : {}),
    pipeline,
    modelFingerprint,
    // No option changes a result so far; `options.model` is in the fingerprint.
    options: {},
  };
  const key = createHash('sha256').update(canonicalJson(parts)).digest('hex');
  return `${input.sha256.slice(0, HEX_DIGITS)}-${key.slice(0, HEX_DIGITS)}`;
}

export function isAnalysisId(text: string): boolean {
  return ANALYSIS_ID.test(text);
}
