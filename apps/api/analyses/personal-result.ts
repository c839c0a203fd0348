import type { AnalysisResult, ResultFlag } from '../../../workflows/contracts/result.js';
import type { Submission } from '../intake/submission.js';

const MISMATCH: ResultFlag = 'declared_media_type_mismatch';

/**
 * The stored result with what belongs to this request in place of what belonged to the first one that asked:
 * `model_version`, the declared hash, and whether the declared type was right. No number is touched.
 */
export function personalResult(
  result: AnalysisResult,
  {
    declaredMediaType,
    declaredHash,
    modelVersion,
  }: Pick<Submission, 'declaredMediaType' | 'declaredHash' | 'modelVersion'>,
): AnalysisResult {
  const isMismatch = declaredMediaType !== null && declaredMediaType !== result.media.media_type;
  const flags = result.flags.filter((flag) => flag !== MISMATCH);
  return {
    ...result,
    model_version: modelVersion,
    media: { ...result.media, declared_hash: declaredHash },
    flags: isMismatch ? [...flags, MISMATCH] : flags,
  };
}
