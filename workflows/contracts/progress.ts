import type { MediaType } from './request.js';

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
}

/** Memo fields of a run. */
export interface AnalysisMemo {
  readonly progress: AnalysisProgress;
}

/** Names the workflow and its signals have on the wire. */
export const ANALYZE_MEDIA = 'analyzeMedia';

export const workflowIdOf = (analysisId: string): string => `analysis-${analysisId}`;
