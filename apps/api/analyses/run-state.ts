import type { WorkflowExecutionDescription } from '@temporalio/client';
import type {
  AnalysisMemo,
  AnalysisProgress,
  AnalysisStatus,
} from '../../../workflows/contracts/progress.js';
import { searchAttributes } from '../../../workflows/contracts/search-attributes.js';
import { DEFAULT_TENANT } from '../../../workflows/contracts/tenant.js';

/** How a run stands, as the server alone knows it: no worker need be alive. */
export interface RunState {
  /** Of the latest run. */
  readonly runId: string;
  readonly tenant: string;
  readonly status: AnalysisStatus;
  readonly progress: AnalysisProgress | null;
}

export function runStateOf(description: WorkflowExecutionDescription): RunState {
  const memo = description.memo as Partial<AnalysisMemo> | undefined;
  return {
    runId: description.runId,
    tenant: description.typedSearchAttributes.get(searchAttributes.tenant) ?? DEFAULT_TENANT,
    status: statusOf(description),
    progress: memo?.progress ?? null,
  };
}

const ENDED: Readonly<Record<string, AnalysisStatus>> = {
  COMPLETED: 'succeeded',
  CANCELLED: 'cancelled',
  FAILED: 'failed',
  TERMINATED: 'failed',
  TIMED_OUT: 'failed',
};

function statusOf({ status, typedSearchAttributes }: WorkflowExecutionDescription): AnalysisStatus {
  const ended = ENDED[status.name];
  if (ended !== undefined) return ended;
  const attribute = typedSearchAttributes.get(searchAttributes.analysisStatus);
  return attribute === 'running' ? 'running' : 'queued';
}
