import type { WorkflowStartOptions } from '@temporalio/client';
import type { Config } from '../../../libs/platform/config/config.js';
import type { AGGREGATE_AGAIN } from '../../../workflows/contracts/progress.js';
import {
  ANALYZE_MEDIA,
  workflowIdOf,
  type AnalysisMemo,
} from '../../../workflows/contracts/progress.js';
import { PRIORITY } from '../../../workflows/contracts/priority.js';
import { taskQueues } from '../../../workflows/contracts/queues.js';
import type {
  AggregateAgainRequest,
  AnalysisRequest,
} from '../../../workflows/contracts/request.js';
import type { RunLimits } from '../../../workflows/contracts/run-limits.js';
import { searchAttributes } from '../../../workflows/contracts/search-attributes.js';
import { detailsOf, summaryOf } from './run-summary.js';

/** What there is to run, and what it was asked with. */
export type RunInput =
  | { readonly type: typeof ANALYZE_MEDIA; readonly request: AnalysisRequest }
  | { readonly type: typeof AGGREGATE_AGAIN; readonly request: AggregateAgainRequest };

interface StartSettings {
  readonly config: Config;
  readonly limits: RunLimits;
  /** The analysis that this one was made from, if any. */
  readonly retryOf: string | null;
}

/**
 * What the server lets a run take beyond its deadline, which the workflow keeps itself: it then knows what it waited for. The
 * server's own end is for a run whose workflow nobody runs.
 */
const TIMEOUT_MARGIN_SECONDS = 600;

/**
 * How Temporal is told to start a run: its ID, its bounds, and what operators see of it.
 */
export function startOptions(
  { type, request }: RunInput,
  { config, limits, retryOf }: StartSettings,
): WorkflowStartOptions {
  const { temporal, analysis } = config;
  const { deadlineSeconds, segmentTries } = analysis;
  const { taskQueuePrefix: prefix } = temporal;
  const isAnalysis = type === ANALYZE_MEDIA;
  const memo: AnalysisMemo = {
    progress: {
      stage: isAnalysis ? 'describing' : 'aggregating',
      segmentsTotal: null,
      segmentsExtracted: 0,
      segmentsScored: 0,
      framesScored: 0,
      mediaType: isAnalysis ? request.mediaType : null,
      durationSeconds: null,
    },
    ...(retryOf === null ? {} : { retryOf }),
  };
  return {
    args: [{ ...request, deadlineSeconds, ...(isAnalysis ? { segmentTries, limits } : {}) }],
    taskQueue: taskQueues(prefix).analyses,
    workflowId: workflowIdOf(request.analysisId, prefix),
    workflowIdConflictPolicy: 'USE_EXISTING',
    workflowRunTimeout: `${deadlineSeconds + TIMEOUT_MARGIN_SECONDS} seconds`,
    priority: { priorityKey: PRIORITY.interactive, fairnessKey: request.tenant },
    staticSummary: isAnalysis
      ? summaryOf(request.input)
      : `new verdict on the scores of ${request.of}`,
    staticDetails: detailsOf({ type, request } as RunInput, retryOf),
    memo: { ...memo },
    typedSearchAttributes: [
      { key: searchAttributes.tenant, value: request.tenant },
      {
        key: searchAttributes.mediaSha256,
        value: isAnalysis ? request.input.sha256 : request.mediaSha256,
      },
      { key: searchAttributes.analysisStatus, value: 'queued' },
    ],
  };
}
