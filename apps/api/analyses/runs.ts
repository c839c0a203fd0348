import {
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  WorkflowNotFoundError,
  type WorkflowHandle,
  type WorkflowStartOptions,
} from '@temporalio/client';
import {
  ANALYZE_MEDIA,
  workflowIdOf,
  type AnalysisMemo,
} from '../../../workflows/contracts/progress.js';
import type { AnalysisRequest } from '../../../workflows/contracts/request.js';
import { searchAttributes } from '../../../workflows/contracts/search-attributes.js';
import { problemOfFailedRun } from '../problems/failed-run.js';
import type { Problem } from '../problems/problem.js';
import type { Temporal } from '../temporal/temporal.js';
import { runStateOf, type RunState } from './run-state.js';
import { summaryOf } from './run-summary.js';

const CALL_MS = 5_000;

/**
 * The end of a run that can't go on: activities are tried again for as long as the storage or a worker is away, and
 * something must bound that. Longer than the longest video takes.
 */
const RUN_TIMEOUT = '24 hours';

/** The runs of `analyzeMedia` on the Temporal server. */
export class Runs {
  constructor(
    private readonly temporal: Temporal,
    private readonly taskQueue: string,
  ) {}

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
    return this.temporal.client.workflow.getHandle(workflowIdOf(analysisId));
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

  async #start(
    request: AnalysisRequest,
    workflowIdReusePolicy: WorkflowStartOptions['workflowIdReusePolicy'],
  ): Promise<void> {
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
        args: [request],
        taskQueue: this.taskQueue,
        workflowId: workflowIdOf(request.analysisId),
        workflowIdConflictPolicy: 'USE_EXISTING',
        workflowIdReusePolicy,
        workflowRunTimeout: RUN_TIMEOUT,
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
