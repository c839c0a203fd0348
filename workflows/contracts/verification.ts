import type { TaskQueues } from './queues.js';
import type { ModelFacts } from './result.js';

/** Name the workflow has on the wire. */
export const VERIFY_ANALYSIS = 'verifyAnalysis';

/** Not an analysis of its own: it never joins one, and no list of analyses has it. */
export const verifyWorkflowIdOf = (
  analysisId: string,
  inference: boolean,
  prefix: string,
): string => `${prefix}verify-${analysisId}${inference ? '-inference' : ''}`;

export interface VerifyRequest {
  readonly analysisId: string;
  /** Whether the stored crops are scored again. */
  readonly inference: boolean;
  /** Largest difference of a fake probability (0..1) that counts as the same. */
  readonly tolerance: number;
  /** Absent in runs that an earlier release has started. */
  readonly toleranceBasis?: ToleranceBasis;
  readonly segmentTries: number;
  readonly queues: Pick<TaskQueues, 'media' | 'inference'>;
}

/** What became of the stored result when it was made again. */
export interface VerdictLogic {
  /** `identical`: the very same bytes. */
  readonly verdict_logic: 'identical' | 'different';
  readonly stored_sha256: string;
  readonly recomputed_sha256: string;
  /** Top-level members of the result that differ. */
  readonly differences: readonly string[];
}

export interface Verification extends VerdictLogic {
  readonly id: string;
  /** Present where the crops were scored again. */
  readonly inference?: 'within_tolerance' | 'outside_tolerance';
  /** Largest difference of a fake probability, 0..1. */
  readonly max_difference?: number;
  readonly tolerance?: number;
  readonly tolerance_basis?: ToleranceBasis;
  readonly crops?: number;
}

/** Why a difference of that size counts as the same. */
export interface ToleranceBasis {
  readonly dtype: string;
  /**
   * `rounding`: in fp32 another CPU or GPU adds up in another order. `accuracy_bound`: how far the precision may be from fp32,
   * to which its model was held when it was loaded. `unmeasured`: a lower precision whose model was not held to one.
   */
  readonly source: 'rounding' | 'accuracy_bound' | 'unmeasured';
  /** How far the model was measured to be from fp32 when it made the result, 0..1; null where it was not. */
  readonly measured_difference: number | null;
}

/** The same model on the same machine gives the same bits; elsewhere it may round otherwise. */
const FP32_ROUNDING = 1e-5;
/** Of results that say nothing of their model's accuracy, as an earlier release's. */
const UNMEASURED = 1e-2;

/** How far scores made again may be from the stored ones, by the precision of the model that made them. */
export function toleranceFor({
  dtype,
  accuracy,
}: Pick<ModelFacts, 'dtype' | 'accuracy'>): Required<
  Pick<VerifyRequest, 'tolerance' | 'toleranceBasis'>
> {
  const basis = (source: ToleranceBasis['source'], measured: number | null): ToleranceBasis => ({
    dtype,
    source,
    measured_difference: measured,
  });
  if (dtype === 'fp32')
    return { tolerance: FP32_ROUNDING, toleranceBasis: basis('rounding', null) };
  if (!accuracy) return { tolerance: UNMEASURED, toleranceBasis: basis('unmeasured', null) };
  const { bound, max_difference: measured } = accuracy;
  return { tolerance: bound, toleranceBasis: basis('accuracy_bound', measured) };
}
