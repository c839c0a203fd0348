import { createHash } from 'node:crypto';
import type {
  AggregateAgainRequest,
  AnalysisRequest,
} from '../../../workflows/contracts/request.js';
import { canonicalJson, type Json } from './canonical-json.js';

/** All that the crops of a medium depend on, beside their format. */
type CropsIdentity = Pick<
  AnalysisRequest,
  'tenant' | 'input' | 'mediaType' | 'pipeline' | 'sampling'
>;

/** All that a result depends on. */
export type AnalysisIdentity = CropsIdentity & Pick<AnalysisRequest, 'modelFingerprint'>;

const HEX_DIGITS = 16;
const ANALYSIS_ID = new RegExp(`^[0-9a-f]{${HEX_DIGITS}}-[0-9a-f]{${HEX_DIGITS}}$`);

/**
 * The same for the same media, pipeline, model and options, so that there is one run however many ask: the beginning of
 * the media's hash, for people, and of the hash over all that the result depends on.
 *
 * What a client calls a file does not count, as its content decides; for frames it decides how they are judged.
 */
export function analysisIdOf(identity: AnalysisIdentity): string {
  return idOf(identity, {
    modelFingerprint: identity.modelFingerprint,
    // Of the model's choice the fingerprint tells.
    options: samplingOf(identity),
  });
}

/**
 * The same for all analyses of the same media with the same pipeline and sampling, so that a second model finds the crops that were
 * made for the first. It begins with the media's hash as their IDs do, by which all crops of a medium can be found. No
 * tenant gets what was made of another one's media.
 */
export function cropsIdOf(identity: CropsIdentity): string {
  return idOf(identity, samplingOf(identity));
}

/** Nothing where nothing was asked for: the standard sampling has the IDs that it had before there was any other. */
function samplingOf({ sampling }: CropsIdentity): Readonly<Record<string, Json>> {
  return sampling === null || sampling === undefined ? {} : { sampling: { ...sampling } };
}

/** Of a new verdict by other thresholds on the scores of an analysis. */
export function aggregatedAgainIdOf({
  of,
  mediaSha256,
  thresholds: { fake, real },
}: Pick<AggregateAgainRequest, 'of' | 'mediaSha256' | 'thresholds'>): string {
  const key = createHash('sha256')
    .update(canonicalJson({ of, thresholds: { fake, real } }))
    .digest('hex');
  return `${mediaSha256.slice(0, HEX_DIGITS)}-${key.slice(0, HEX_DIGITS)}`;
}

function idOf(
  { tenant, input, mediaType, pipeline }: CropsIdentity,
  more: Readonly<Record<string, Json>>,
): string {
  const parts: Json = {
    tenant,
    kind: input.kind,
    sha256: input.sha256,
    ...(input.kind === 'frames' ? { mediaType } : {}),
    pipeline,
    ...more,
  };
  const key = createHash('sha256').update(canonicalJson(parts)).digest('hex');
  return `${input.sha256.slice(0, HEX_DIGITS)}-${key.slice(0, HEX_DIGITS)}`;
}

export function isAnalysisId(text: string): boolean {
  return ANALYSIS_ID.test(text);
}
