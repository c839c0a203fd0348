import type { TaskQueues } from './queues.js';

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
  readonly crops?: number;
}

/**
 * The same model on the same kind of machine gives the same bits; another CPU adds up in another order. In half precision
 * or with 8-bit products that shows earlier.
 */
export function toleranceFor(dtype: string): number {
  return dtype === 'fp32' ? 1e-5 : 1e-2;
}
