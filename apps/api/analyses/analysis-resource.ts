import type { AnalysisProgress, AnalysisStatus } from '../../../workflows/contracts/progress.js';
import { workflowIdOf } from '../../../workflows/contracts/progress.js';
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
      };
}

export function analysisPath(id: string): string {
  return `${ANALYSES_PATH}/${id}`;
}

/** @param temporalUi where people find Temporal's UI and our namespace in it; null = not known */
export function linksOf(
  id: string,
  hasReport: boolean,
  temporalUi: { readonly url: string; readonly namespace: string } | null,
): Links {
  const self = analysisPath(id);
  return {
    self,
    ...(hasReport ? { report: `${self}/report` } : {}),
    ...(temporalUi === null ? {} : { temporal: runInUi(id, temporalUi) }),
  };
}

function runInUi(id: string, { url, namespace }: { url: string; namespace: string }): string {
  const path = `namespaces/${encodeURIComponent(namespace)}/workflows/${workflowIdOf(id)}`;
  return `${url.replace(/\/+$/, '')}/${path}`;
}
