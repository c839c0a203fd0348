import type { Client } from '@temporalio/client';
import { AGGREGATE_AGAIN, RUN_TYPES } from '../../workflows/contracts/progress.js';
import { searchAttributes } from '../../workflows/contracts/search-attributes.js';
import { DEFAULT_TENANT } from '../../workflows/contracts/tenant.js';

export interface RunningAnalysis {
  readonly analysisId: string;
  readonly tenant: string;
  /** What identifies its input; empty where it is not known. */
  readonly sha256: string;
  /** Whether it makes a new verdict on the scores of another analysis of the same input. */
  readonly isVerdictAgain: boolean;
}

/** The analyses of all deployments in the namespace that have not ended, as Temporal's list has them: a second late. */
export async function listRunningAnalyses(client: Client): Promise<readonly RunningAnalysis[]> {
  const types = RUN_TYPES.map((type) => `"${type}"`).join(', ');
  const query = `WorkflowType IN (${types}) AND ExecutionStatus="Running"`;
  const running: RunningAnalysis[] = [];
  for await (const { workflowId, type, typedSearchAttributes } of client.workflow.list({ query })) {
    const analysisId = /analysis-([0-9a-f]+-[0-9a-f]+)$/.exec(workflowId)?.[1];
    const sha256 = typedSearchAttributes.get(searchAttributes.mediaSha256) ?? '';
    const tenant = typedSearchAttributes.get(searchAttributes.tenant) ?? DEFAULT_TENANT;
    const isVerdictAgain = type === AGGREGATE_AGAIN;
    if (analysisId !== undefined) running.push({ analysisId, tenant, sha256, isVerdictAgain });
  }
  return running;
}
