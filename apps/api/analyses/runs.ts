import { Inject, Injectable } from '@nestjs/common';
import {
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  WorkflowNotFoundError,
  type WorkflowHandle,
  type WorkflowStartOptions,
} from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import type { Config } from '../../../libs/platform/config/config.js';
import { ANALYZE_MEDIA, workflowIdOf } from '../../../workflows/contracts/progress.js';
import { batchQueue, turnQueue } from '../../../workflows/contracts/queues.js';
import { SEGMENTS_PER_RUN, type RunLimits } from '../../../workflows/contracts/run-limits.js';
import type { AnalysisRequest } from '../../../workflows/contracts/request.js';
import { problemOfFailedRun } from '../problems/failed-run.js';
import type { Problem } from '../problems/problem.js';
import type { Fleet } from '../temporal/fleet.js';
import { FleetMonitor } from '../temporal/fleet-monitor.js';
import { isNotFound } from '../temporal/grpc-errors.js';
import { Temporal } from '../temporal/temporal.js';
import { Owners } from '../tenants/owners.js';
import { CONFIG } from '../tokens.js';
import { runStateOf, type RunState } from './run-state.js';
import { startOptions, type RunInput } from './run-start.js';

const CALL_MS = 5_000;

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
    @Inject(Owners) private readonly owners: Owners,
  ) {
    this.#prefix = config.temporal.taskQueuePrefix;
  }

  workflowId(analysisId: string): string {
    return workflowIdOf(analysisId, this.#prefix);
  }

  /**
   * Starts the analysis, or joins the run that is under way. A failed or cancelled one is run again.
   *
   * @param retryOf the analysis that this one was made from
   * @returns false when it has succeeded before
   */
  async start(request: AnalysisRequest, retryOf: string | null = null): Promise<boolean> {
    return this.startInput({ type: ANALYZE_MEDIA, request }, retryOf);
  }

  /** {@link start} of whatever a run can be. */
  async startInput(input: RunInput, retryOf: string | null = null): Promise<boolean> {
    try {
      await this.#start(input, retryOf, 'ALLOW_DUPLICATE_FAILED_ONLY');
      return true;
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
      throw error;
    }
  }

  /** Runs the analysis again although it has succeeded: its result is gone from the store. */
  async startAgain(request: AnalysisRequest): Promise<void> {
    await this.#start({ type: ANALYZE_MEDIA, request }, null, 'ALLOW_DUPLICATE');
  }

  /** {@link startAgain} of whatever a run can be. */
  async startInputAgain(input: RunInput): Promise<void> {
    await this.#start(input, null, 'ALLOW_DUPLICATE');
  }

  /** What the latest run of an analysis was started with; null when Temporal has forgotten it. */
  async inputOf(analysisId: string): Promise<RunInput | null> {
    const { connection, namespace } = this.temporal;
    try {
      const { history } = await this.temporal.within(CALL_MS, () =>
        connection.workflowService.getWorkflowExecutionHistory({
          namespace,
          execution: { workflowId: this.workflowId(analysisId) },
          maximumPageSize: 1,
        }),
      );
      const started = history?.events?.[0]?.workflowExecutionStartedEventAttributes;
      const [payload] = started?.input?.payloads ?? [];
      if (payload === undefined) return null;
      return {
        type: started?.workflowType?.name,
        request: defaultPayloadConverter.fromPayload(payload),
      } as RunInput;
    } catch (error) {
      if (isNotFound(error)) return null;
      throw error;
    }
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

  /**
   * Why an ended run did not succeed; null when it did.
   * @param runId the one that was found to have ended: the analysis may be running again by now
   */
  async problem(analysisId: string, runId: string): Promise<Problem | null> {
    const { workflow } = this.temporal.client;
    const run = workflow.getHandle(this.workflowId(analysisId), runId, { followRuns: false });
    try {
      await this.temporal.within(CALL_MS, () => run.result());
      return null;
    } catch (error) {
      if (error instanceof WorkflowFailedError) return problemOfFailedRun(error.cause, analysisId);
      throw error;
    }
  }

  /** The more media workers there are, the more segments are under way. */
  #limits({ media }: Fleet): RunLimits {
    const { segmentsInFlight } = this.config.analysis;
    return {
      maxFrames: this.config.media.maxFrames,
      segmentsInFlight: segmentsInFlight ?? SEGMENTS_OF_EACH_WORKER * Math.max(1, media.length),
      segmentsPerRun: SEGMENTS_PER_RUN,
    };
  }

  async #start(
    input: RunInput,
    retryOf: string | null,
    workflowIdReusePolicy: WorkflowStartOptions['workflowIdReusePolicy'],
  ): Promise<void> {
    const { analysisId, tenant } = input.request;
    await this.owners.note(analysisId, tenant);
    const fleet = await this.fleet.current(null);
    const limits = this.#limits(fleet);
    const options = startOptions(withLanes(input, fleet), { config: this.config, limits, retryOf });
    await this.temporal.within(CALL_MS, () =>
      this.temporal.client.workflow.start(input.type, { ...options, workflowIdReusePolicy }),
    );
  }
}

/**
 * With the word on whether the workers that are there take the segments of long media from queues of their own, and let runs
 * wait for their turn. Where there is no media worker at all, the next one is taken to be of this release.
 */
function withLanes(input: RunInput, { media: workers, sideQueues }: Fleet): RunInput {
  if (input.type !== ANALYZE_MEDIA) return input;
  const { media, inference } = input.request.queues;
  const hasBatch = [media, inference].every((queue) => sideQueues.has(batchQueue(queue)));
  const hasTurns = workers.length === 0 || sideQueues.has(turnQueue({ media }));
  const queues = { media, inference, hasBatch, hasTurns };
  return { ...input, request: { ...input.request, queues } };
}
