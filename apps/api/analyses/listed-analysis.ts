import type { AnalysisStatus } from '../../../workflows/contracts/progress.js';
import { searchAttributes } from '../../../workflows/contracts/search-attributes.js';
import { analysisPath } from './analysis-resource.js';
import type { ListedRun } from './run-list.js';

/** One row of `GET /api/v1/inference`; null where the analysis has got no such thing, or not yet. */
export interface ListedAnalysis {
  readonly id: string;
  readonly status: AnalysisStatus;
  readonly media_type: string | null;
  readonly media_sha256: string | null;
  readonly verdict: string | null;
  /** 0..100. */
  readonly risk_score: number | null;
  /** Of a failed one: why. */
  readonly code: string | null;
  readonly model_revision: string | null;
  /** ISO 8601, UTC: of the latest run. */
  readonly started_at: string;
  readonly ended_at: string | null;
  readonly links: { readonly self: string };
}

/** By `temporal.api.enums.v1.WorkflowExecutionStatus`. */
const ENDED: Readonly<Record<number, AnalysisStatus>> = {
  2: 'succeeded',
  3: 'failed',
  4: 'cancelled',
  5: 'failed',
  7: 'failed',
};
/** Ends that the server made, of which the run itself could leave no word. */
const CODES: Readonly<Record<number, string>> = {
  5: 'analysis_terminated',
  7: 'deadline_exceeded',
};

export function listedAnalysis(run: ListedRun): ListedAnalysis {
  const { analysisId: id, status, attributes } = run;
  const isQueued = attributes.get(searchAttributes.analysisStatus) === 'queued';
  const is = ENDED[status] ?? (isQueued ? 'queued' : 'running');
  const code = CODES[status] ?? attributes.get(searchAttributes.failureCode) ?? null;
  return {
    id,
    status: is,
    media_type: attributes.get(searchAttributes.mediaType) ?? null,
    media_sha256: attributes.get(searchAttributes.mediaSha256) ?? null,
    verdict: attributes.get(searchAttributes.verdict) ?? null,
    risk_score: attributes.get(searchAttributes.riskScore) ?? null,
    code: is === 'failed' ? code : null,
    model_revision: attributes.get(searchAttributes.modelRevision) ?? null,
    started_at: run.startedAt.toISOString(),
    ended_at: run.endedAt?.toISOString() ?? null,
    links: { self: analysisPath(id) },
  };
}
