import type { FailureCode } from './failure-codes.js';
import type { MediaType } from './request.js';
import type { Verdict, VerdictReason } from './result.js';

export type AnalysisStatus = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';

/** How far a run is; kept in the workflow's memo, so that it can be read while no worker is alive. */
export interface AnalysisProgress {
  readonly stage: 'describing' | 'analysing' | 'aggregating' | 'done';
  readonly segmentsTotal: number | null;
  readonly segmentsExtracted: number;
  readonly segmentsScored: number;
  readonly framesScored: number;
  readonly mediaType: MediaType | null;
  readonly durationSeconds: number | null;
  /** Until all segments are scored, at the pace so far; null where there is none to go by. */
  readonly etaSeconds?: number | null;
}

/** Memo fields of a run. */
export interface AnalysisMemo {
  readonly progress: AnalysisProgress;
  /** The analysis that this one was made from, where it is a retry under another ID. */
  readonly retryOf?: string;
  /** Of a run that has succeeded. */
  readonly answer?: {
    readonly verdict: Verdict;
    readonly risk_score: number;
    readonly reasons: readonly VerdictReason[];
  };
  /** Of a run that has failed. */
  readonly failure?: { readonly code: FailureCode; readonly message: string };
}

/** Names the workflows have on the wire. */
export const ANALYZE_MEDIA = 'analyzeMedia';
export const AGGREGATE_AGAIN = 'aggregateAgain';

/** What makes a result: the types of runs that are analyses. */
export const RUN_TYPES = [ANALYZE_MEDIA, AGGREGATE_AGAIN] as const;

/**
 * The ID under which Temporal keeps an analysis to one run, and people find it.
 * @param prefix of the deployment's task queues: two deployments on one server must not join each other's runs
 */
export const workflowIdOf = (analysisId: string, prefix: string): string =>
  `${prefix}analysis-${analysisId}`;

/** The other way round. */
export const analysisIdOfWorkflow = (workflowId: string): string =>
  workflowId.slice(workflowId.lastIndexOf('analysis-') + 'analysis-'.length);
