import { Inject, Injectable } from '@nestjs/common';
import {
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  WorkflowNotFoundError,
  type WorkflowHandle,
  type WorkflowStartOptions,
} from '@temporalio/client';
import type { Config } from '../../../libs/platform/config/config.js';
import { taskQueues } from '../../../workflows/contracts/queues.js';
import {
  ANALYZE_MEDIA,
  workflowIdOf,
  type AnalysisMemo,
} from '../../../workflows/contracts/progress.js';
import { PRIORITY } from '../../../workflows/contracts/priority.js';
import { SEGMENTS_PER_RUN, type RunLimits } from '../../../workflows/contracts/run-limits.js';
import type { AnalysisRequest } from '../../../workflows/contracts/request.js';
import { searchAttributes } from '../../../workflows/contracts/search-attributes.js';
import { problemOfFailedRun } from '../problems/failed-run.js';
import type { Problem } from '../problems/problem.js';
import { FleetMonitor } from '../temporal/fleet-monitor.js';
import { Temporal } from '../temporal/temporal.js';
import { CONFIG } from '../tokens.js';
import { runStateOf, type RunState } from './run-state.js';
import { summaryOf } from './run-summary.js';

const CALL_MS = 5_000;

/**
 * What the server lets a run take beyond its deadline, which the workflow keeps itself: it then knows what it waited for. The
 * server's own end is for a run whose workflow nobody runs.
 */
const TIMEOUT_MARGIN_SECONDS = 600;

/** One is decoded while another is scored. More would only fill the queue before other people's runs. */
const SEGMENTS_OF_EACH_WORKER = 2;

/** The runs of `analyzeMedia` on the Temporal server. */
@Injectable()
export class Runs {
  readonly #prefix: string;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(Temporal) private readonly temporal: Temporal,
    @Inject(FleetMonitor) private readonly fleet: FleetMonitor,
  ) {
    this.#prefix = config.temporal.taskQueuePrefix;
  }

  workflowId(analysisId: string): string {
    return workflowIdOf(analysisId, this.#prefix);
  }

  /**
   * Starts the analysis, or joins the run that is under way.
   * @returns false when the analysis has succeeded before
   */
  async start(request: AnalysisRequest): Promise<boolean> {
    try {
      // A failed or cancelled one is run again.
      await this.#start(request, 'ALLOW_DUPLICATE_FAILED_ONLY');
      return true;
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
      throw error;
    }
  }

  /** Runs the analysis again although it has succeeded: its result is gone from the store. */
  async startAgain(request: AnalysisRequest): Promise<void> {
    await this.#start(request, 'ALLOW_DUPLICATE');
  }

  handle(analysisId: string): WorkflowHandle {
    return this.temporal.client.workflow.getHandle(this.workflowId(analysisId));
  }

  /** Null when there is no such run, or Temporal has forgotten it. */
  async describe(analysisId: string): Promise<RunState | null> {
    try {
      const handle = this.handle(analysisId);
      return runStateOf(await this.temporal.within(CALL_MS, () => handle.describe()));
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return null;
      throw error;
    }
  }

  /** Asks the run to end; it does once its work has ended. Nothing happens to one that has ended. */
  async cancel(analysisId: string): Promise<void> {
    try {
      await this.temporal.within(CALL_MS, () => this.handle(analysisId).cancel());
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
  }

  /** Deletes what Temporal has of all runs of an analysis. @returns how many there were */
  async forget(analysisId: string): Promise<number> {
    const { client, namespace } = this.temporal;
    const workflowId = this.workflowId(analysisId);
    let count = 0;
    for await (const { runId } of client.workflow.list({ query: `WorkflowId="${workflowId}"` })) {
      const workflowExecution = { workflowId, runId };
      await this.temporal.within(CALL_MS, () =>
        client.workflowService.deleteWorkflowExecution({ namespace, workflowExecution }),
      );
      count += 1;
    }
    return count;
  }

  /** Why an ended run did not succeed; null when it did. */
  async problem(analysisId: string): Promise<Problem | null> {
    try {
      await this.temporal.within(CALL_MS, () => this.handle(analysisId).result());
      return null;
    } catch (error) {
      if (error instanceof WorkflowFailedError) return problemOfFailedRun(error.cause, analysisId);
      throw error;
    }
  }

  /** The more media workers there are, the more segments are under way. */
  async #limits(): Promise<RunLimits> {
    const { segmentsInFlight } = this.config.analysis;
    const { media } = await this.fleet.current(null);
    return {
      maxFrames: this.config.media.maxFrames,
      segmentsInFlight: segmentsInFlight ?? SEGMENTS_OF_EACH_WORKER * Math.max(1, media.length),
      segmentsPerRun: SEGMENTS_PER_RUN,
    };
  }

  async #start(
    request: AnalysisRequest,
    workflowIdReusePolicy: WorkflowStartOptions['workflowIdReusePolicy'],
  ): Promise<void> {
    const { deadlineSeconds, segmentTries } = this.config.analysis;
    const limits = await this.#limits();
    const memo: AnalysisMemo = {
      progress: {
        stage: 'describing',
        segmentsTotal: null,
        segmentsExtracted: 0,
        segmentsScored: 0,
        framesScored: 0,
        mediaType: request.mediaType,
        durationSeconds: null,
      },
    };
    await this.temporal.within(CALL_MS, () =>
      this.temporal.client.workflow.start(ANALYZE_MEDIA, {
        args: [{ ...request, deadlineSeconds, segmentTries, limits }],
        taskQueue: taskQueues(this.#prefix).analyses,
        workflowId: this.workflowId(request.analysisId),
        workflowIdConflictPolicy: 'USE_EXISTING',
        workflowIdReusePolicy,
        workflowRunTimeout: `${deadlineSeconds + TIMEOUT_MARGIN_SECONDS} seconds`,
        priority: { priorityKey: PRIORITY.interactive, fairnessKey: request.tenant },
        staticSummary: summaryOf(request.input),
        memo: { ...memo },
        typedSearchAttributes: [
          { key: searchAttributes.tenant, value: request.tenant },
          { key: searchAttributes.mediaSha256, value: request.input.sha256 },
          { key: searchAttributes.analysisStatus, value: 'queued' },
        ],
      }),
    );
  }
}
