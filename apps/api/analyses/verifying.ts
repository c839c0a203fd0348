import { Inject, Injectable } from '@nestjs/common';
import { WorkflowFailedError } from '@temporalio/client';
import type { Config } from '../../../libs/platform/config/config.js';
import { inferenceQueue, taskQueues } from '../../../workflows/contracts/queues.js';
import { searchAttributes } from '../../../workflows/contracts/search-attributes.js';
import {
  toleranceFor,
  VERIFY_ANALYSIS,
  verifyWorkflowIdOf,
  type Verification,
  type VerifyRequest,
} from '../../../workflows/contracts/verification.js';
import { problemOfFailedRun } from '../problems/failed-run.js';
import { Problem } from '../problems/problem.js';
import { FleetMonitor } from '../temporal/fleet-monitor.js';
import { workersOf } from '../temporal/fleet.js';
import { isEndedByUs, isUnreachable } from '../temporal/grpc-errors.js';
import { temporalUnavailable, Temporal } from '../temporal/temporal.js';
import type { Asker } from '../tenants/asker.js';
import { CONFIG } from '../tokens.js';
import { AnalysesService } from './analyses.service.js';

/** A verdict is made again within a second; scoring hours of video again takes as long as it took. */
const WAIT_MS = 60_000;
const RUN_TIMEOUT = '24 hours';

/** Makes stored results again, on the workers, and tells what came out. */
@Injectable()
export class Verifying {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(Temporal) private readonly temporal: Temporal,
    @Inject(FleetMonitor) private readonly fleet: FleetMonitor,
    @Inject(AnalysesService) private readonly analyses: AnalysesService,
  ) {}

  /**
   * @param inference whether the stored crops are scored again
   * @returns null when it takes longer than a request waits; it goes on, and the same request finds it
   * @throws Problem `analysis_not_found`, `result_gone`, `report_not_ready`, `evidence_damaged`, or `model_unavailable` where no
   *   worker runs the model that the analysis was scored by
   */
  async verify(id: string, inference: boolean, asker: Asker): Promise<Verification | null> {
    const { model } = await this.analyses.finished(id, asker);
    const { taskQueuePrefix: prefix } = this.config.temporal;
    const queues = taskQueues(prefix);
    const request: VerifyRequest = {
      analysisId: id,
      inference,
      ...toleranceFor(model),
      segmentTries: this.config.analysis.segmentTries,
      queues: {
        media: queues.media,
        inference: inference ? await this.#queueOf(model.fingerprint) : queues.inference,
      },
    };
    const { workflow } = this.temporal.client;
    const started = await this.temporal.within(WAIT_MS, () =>
      workflow.start(VERIFY_ANALYSIS, {
        args: [request],
        taskQueue: queues.analyses,
        workflowId: verifyWorkflowIdOf(id, inference, prefix),
        workflowIdConflictPolicy: 'USE_EXISTING',
        workflowRunTimeout: RUN_TIMEOUT,
        priority: { fairnessKey: asker.tenant },
        typedSearchAttributes: [{ key: searchAttributes.tenant, value: asker.tenant }],
        staticSummary: `verify ${id}${inference ? ', its scores too' : ''}`,
      }),
    );
    try {
      const ended = () => started.result() as Promise<Verification>;
      return await this.temporal.until(Date.now() + WAIT_MS, ended);
    } catch (error) {
      if (error instanceof WorkflowFailedError) throw problemOf(error.cause, id);
      if (isEndedByUs(error)) return null;
      throw isUnreachable(error) ? temporalUnavailable(error) : error;
    }
  }

  async #queueOf(fingerprint: string): Promise<string> {
    const fleet = await this.fleet.fresh();
    if (!fleet.reachable) throw temporalUnavailable();
    const found = this.config.models.find(({ alias }) =>
      workersOf(fleet, alias).ready.some(({ model }) => model?.fingerprint === fingerprint),
    );
    if (found === undefined) {
      throw new Problem(
        'model_unavailable',
        `Expected an inference worker with the model that the analysis was scored by (fingerprint ${fingerprint}), found none.`,
        { members: { reason: 'no_worker', fingerprint } },
      );
    }
    return inferenceQueue(taskQueues(this.config.temporal.taskQueuePrefix), found.alias);
  }
}

/** Nothing is lost by it that the media would not give again: the way out is another than a run's that has no result. */
function problemOf(cause: unknown, id: string): Problem {
  const problem = problemOfFailedRun(cause, id);
  if (problem.code !== 'crops_missing' && problem.code !== 'scores_missing') return problem;
  return new Problem('evidence_damaged', problem.message, { cause, members: { id } });
}
