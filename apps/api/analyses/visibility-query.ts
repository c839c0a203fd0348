import { RUN_TYPES } from '../../../workflows/contracts/progress.js';
import { searchAttributes } from '../../../workflows/contracts/search-attributes.js';
import type { ListFilter } from './list-query.js';

const { analysisStatus, failureCode, mediaType, tenant, verdict } = searchAttributes;

/** Of which deployment, and whose, the analyses are. */
export interface ListScope {
  /** Several deployments may share the namespace; each has queues of its own. */
  readonly taskQueue: string;
  readonly tenant: string;
}

const IS: Readonly<Record<NonNullable<ListFilter['status']>, string>> = {
  // A run's own word for its state can be old where it was ended from outside: then the server's is the right one.
  queued: `ExecutionStatus = 'Running' AND ${analysisStatus.name} = 'queued'`,
  running: `ExecutionStatus = 'Running' AND ${analysisStatus.name} != 'queued'`,
  succeeded: "ExecutionStatus = 'Completed'",
  failed: "ExecutionStatus IN ('Failed', 'Terminated', 'TimedOut')",
  cancelled: "ExecutionStatus = 'Canceled'",
};

/** The filter as Temporal's list takes it: https://docs.temporal.io/list-filter */
export function visibilityQuery(filter: ListFilter, scope: ListScope): string {
  const clauses = [
    `WorkflowType IN (${RUN_TYPES.map(quoted).join(', ')})`,
    `TaskQueue = ${quoted(scope.taskQueue)}`,
    `${tenant.name} = ${quoted(scope.tenant)}`,
    // A run that went on in another one is not an analysis of its own.
    "ExecutionStatus != 'ContinuedAsNew'",
  ];
  if (filter.status !== undefined) clauses.push(IS[filter.status]);
  if (filter.verdict !== undefined) clauses.push(`${verdict.name} = ${quoted(filter.verdict)}`);
  if (filter.mediaType !== undefined)
    clauses.push(`${mediaType.name} = ${quoted(filter.mediaType)}`);
  if (filter.code !== undefined) clauses.push(codeClause(filter.code));
  return clauses.join(' AND ');
}

/** The runs of these workflows, finished or not. */
export function runsOfQuery(workflowIds: readonly string[]): string {
  return `WorkflowId IN (${workflowIds.map(quoted).join(', ')})`;
}

function codeClause(code: NonNullable<ListFilter['code']>): string {
  if (code === 'analysis_terminated') return "ExecutionStatus = 'Terminated'";
  const own = `${failureCode.name} = ${quoted(code)}`;
  // The server ends a run that no worker runs, and leaves no attribute.
  return code === 'deadline_exceeded' ? `(${own} OR ExecutionStatus = 'TimedOut')` : own;
}

function quoted(value: string): string {
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
