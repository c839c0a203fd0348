import { Inject, Injectable } from '@nestjs/common';
import { decodeTypedSearchAttributes } from '@temporalio/common/lib/converter/payload-search-attributes.js';
import type { TypedSearchAttributes } from '@temporalio/common';
import type { Config } from '../../../libs/platform/config/config.js';
import { analysisIdOfWorkflow } from '../../../workflows/contracts/progress.js';
import { taskQueues } from '../../../workflows/contracts/queues.js';
import { Temporal } from '../temporal/temporal.js';
import { CONFIG } from '../tokens.js';
import type { ListQuery } from './list-query.js';
import { pageTokenOf, serverTokenOf } from './page-token.js';
import { runsOfQuery, visibilityQuery } from './visibility-query.js';

const CALL_MS = 5_000;

/** A run as Temporal's list has it. */
export interface ListedRun {
  readonly analysisId: string;
  readonly workflowId: string;
  readonly runId: string;
  /** `temporal.api.enums.v1.WorkflowExecutionStatus` */
  readonly status: number;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  readonly attributes: TypedSearchAttributes;
}

export interface RunPage {
  readonly runs: readonly ListedRun[];
  readonly nextPageToken: string | null;
}

/** Lists of runs, from Temporal's own index of them: it is a moment behind, and goes back as far as the namespace's retention. */
@Injectable()
export class RunList {
  readonly #taskQueue: string;

  constructor(
    @Inject(CONFIG) config: Config,
    @Inject(Temporal) private readonly temporal: Temporal,
  ) {
    this.#taskQueue = taskQueues(config.temporal.taskQueuePrefix).analyses;
  }

  /**
   * Each analysis once, by its latest run: one that failed and was run again is not among the failed. A page can therefore
   * hold fewer than asked for.
   *
   * @throws Problem `invalid_request` for a page token that is none, or `temporal_unavailable`
   */
  async page({ limit, pageToken, ...filter }: ListQuery, tenant: string): Promise<RunPage> {
    const query = visibilityQuery(filter, { taskQueue: this.#taskQueue, tenant });
    const { runs, nextPageToken } = await this.#list(query, limit, pageToken);
    const latest = await this.#latestRuns([...new Set(runs.map(({ workflowId }) => workflowId))]);
    return {
      runs: runs.filter(({ workflowId, runId }) => latest.get(workflowId) === runId),
      nextPageToken,
    };
  }

  /** ID of the latest run of each workflow. */
  async #latestRuns(workflowIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const latest = new Map<string, ListedRun>();
    let pageToken: string | undefined;
    for (; workflowIds.length > 0;) {
      const { runs, nextPageToken } = await this.#list(runsOfQuery(workflowIds), 1000, pageToken);
      for (const run of runs) {
        const known = latest.get(run.workflowId);
        if (known === undefined || known.startedAt < run.startedAt) latest.set(run.workflowId, run);
      }
      if (nextPageToken === null) break;
      pageToken = nextPageToken;
    }
    return new Map([...latest].map(([workflowId, { runId }]) => [workflowId, runId]));
  }

  async #list(query: string, pageSize: number, pageToken?: string): Promise<RunPage> {
    const { connection, namespace } = this.temporal;
    const request = {
      namespace,
      query,
      pageSize,
      nextPageToken: pageToken === undefined ? undefined : serverTokenOf(pageToken, query),
    };
    const { executions, nextPageToken } = await this.temporal.within(CALL_MS, () =>
      connection.workflowService.listWorkflowExecutions(request),
    );
    return {
      runs: executions.map(listedRun),
      nextPageToken: nextPageToken.length === 0 ? null : pageTokenOf(nextPageToken, query),
    };
  }
}

type Execution = Awaited<
  ReturnType<Temporal['connection']['workflowService']['listWorkflowExecutions']>
>['executions'][number];

function listedRun(info: Execution): ListedRun {
  const workflowId = info.execution?.workflowId ?? '';
  return {
    analysisId: analysisIdOfWorkflow(workflowId),
    workflowId,
    runId: info.execution?.runId ?? '',
    status: info.status ?? 0,
    startedAt: dateOf(info.startTime) ?? new Date(0),
    endedAt: dateOf(info.closeTime),
    attributes: decodeTypedSearchAttributes(info.searchAttributes?.indexedFields),
  };
}

function dateOf(time: Execution['startTime']): Date | null {
  if (time === null || time === undefined) return null;
  return new Date(Number(time.seconds ?? 0) * 1000 + (time.nanos ?? 0) / 1e6);
}
