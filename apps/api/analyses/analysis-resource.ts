import type { AnalysisProgress, AnalysisStatus } from '../../../workflows/contracts/progress.js';
import type { AnalysisResult } from '../../../workflows/contracts/result.js';
import type { ProblemBody } from '../problems/problem-body.js';

export const ANALYSES_PATH = '/api/v1/inference';

/** How far a run is, in the API's field names. */
export interface ProgressBody {
  readonly stage: AnalysisProgress['stage'];
  readonly segments_total: number | null;
  readonly segments_extracted: number;
  readonly segments_scored: number;
  readonly frames_scored: number;
  readonly media_type: AnalysisProgress['mediaType'];
  readonly duration_seconds: number | null;
  /** Until all segments are scored, at the pace so far; null where nothing is known of it. */
  readonly eta_seconds: number | null;
}

export interface Links {
  readonly self: string;
  /** The report exists once the analysis has succeeded. */
  readonly report?: string;
  /** The run in Temporal's UI. */
  readonly temporal?: string;
}

/** Body of `GET /api/v1/inference/{id}`, and of a 202. */
export interface AnalysisResource {
  readonly id: string;
  readonly status: AnalysisStatus;
  readonly progress: ProgressBody | null;
  readonly result?: AnalysisResult;
  readonly error?: ProblemBody;
  readonly links: Links;
}

export function progressBody(progress: AnalysisProgress | null): ProgressBody | null {
  return progress === null
    ? null
    : {
        stage: progress.stage,
        segments_total: progress.segmentsTotal,
        segments_extracted: progress.segmentsExtracted,
        segments_scored: progress.segmentsScored,
        frames_scored: progress.framesScored,
        media_type: progress.mediaType,
        duration_seconds: progress.durationSeconds,
        eta_seconds: progress.etaSeconds ?? null,
      };
}

export function analysisPath(id: string): string {
  return `${ANALYSES_PATH}/${id}`;
}

/** Where people find a run in Temporal's UI. */
export interface RunInUi {
  readonly url: string;
  readonly namespace: string;
  readonly workflowId: string;
}

/** @param run null = nobody said where Temporal's UI is */
export function linksOf(id: string, hasReport: boolean, run: RunInUi | null): Links {
  const self = analysisPath(id);
  return {
    self,
    ...(hasReport ? { report: `${self}/report` } : {}),
    ...(run === null ? {} : { temporal: urlInUi(run) }),
  };
}

function urlInUi({ url, namespace, workflowId }: RunInUi): string {
  const path = `namespaces/${encodeURIComponent(namespace)}/workflows/${encodeURIComponent(workflowId)}`;
  return `${url.replace(/\/+$/, '')}/${path}`;
}
