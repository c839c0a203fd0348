import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../../../libs/platform/config/config.js';
import {
  inferenceQueue,
  taskQueues,
  type TaskQueues,
} from '../../../workflows/contracts/queues.js';
import { PIPELINE_REVISION, type AnalysisRequest } from '../../../workflows/contracts/request.js';
import type { AnalysisResult } from '../../../workflows/contracts/result.js';
import type { Submission } from '../intake/submission.js';
import { Problem } from '../problems/problem.js';
import { problemBody } from '../problems/problem-body.js';
import { Backlog } from '../temporal/backlog.js';
import { Temporal } from '../temporal/temporal.js';
import type { Asker } from '../tenants/asker.js';
import { Owners } from '../tenants/owners.js';
import { CONFIG } from '../tokens.js';
import { analysisIdOf, cropsIdOf, isAnalysisId } from './analysis-id.js';
import { analysisNotFound } from './analysis-not-found.js';
import { linksOf, progressBody, type AnalysisResource } from './analysis-resource.js';
import { personalResult } from './personal-result.js';
import { ResultStore } from './result-store.js';
import { Runs } from './runs.js';
import { waitForEnd } from './wait-for-end.js';
import { WaiterLimit } from './waiter-limit.js';
import type { Waiting } from './waiting.js';

/** What became of a submission: its result, or the analysis that goes on. */
export type Outcome =
  | { readonly kind: 'result'; readonly result: AnalysisResult }
  | { readonly kind: 'running'; readonly id: string };

/** Analyses by their IDs: the stored results, and the runs that make them. */
@Injectable()
export class AnalysesService {
  readonly #queues: TaskQueues;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(Temporal) private readonly temporal: Temporal,
    @Inject(Owners) private readonly owners: Owners,
    @Inject(ResultStore) private readonly results: ResultStore,
    @Inject(Runs) private readonly runs: Runs,
    @Inject(Backlog) private readonly backlog: Backlog,
    @Inject(WaiterLimit) private readonly waiters: WaiterLimit,
  ) {
    this.#queues = taskQueues(config.temporal.taskQueuePrefix);
  }

  /**
   * Answers from the stored result, or starts or joins the run and waits for its end.
   * @throws Problem of the run's failure
   */
  async submit(submission: Submission, waiting: Waiting, signal: AbortSignal): Promise<Outcome> {
    const request = this.#requestFor(submission);
    const { analysisId: id } = request;
    const found = await this.results.find(id);
    // Before a file was read, this was asked already.
    if (found === null && submission.input.kind === 'frames') await this.#admit(id, request.tenant);
    const stored = found ?? (await this.#startOrFind(request));
    if (stored !== null) return { kind: 'result', result: personalResult(stored, submission) };
    const ended = await this.waiters.run(request.tenant, 'running', () =>
      waitForEnd(this.temporal, this.runs, id, {
        seconds: waiting.seconds,
        leaveLongVideo: waiting.isDefault && submission.input.kind === 'file',
        signal,
      }),
    );
    if (ended === 'running') return { kind: 'running', id };
    const result = await this.results.find(id);
    if (result === null) throw resultGone(id);
    return { kind: 'result', result: personalResult(result, submission) };
  }

  /**
   * @throws Problem `analysis_not_found`, for another tenant's as for one that does not exist, or `result_gone`
   */
  async find(id: string, { tenant, requestId }: Asker): Promise<AnalysisResource> {
    if (!isAnalysisId(id)) throw analysisNotFound(id);
    const stored = await this.results.find(id);
    if (stored !== null) {
      if ((await this.owners.of(id)) !== tenant) throw analysisNotFound(id);
      return this.#succeeded(id, stored);
    }
    const state = await this.runs.describe(id);
    if (state?.tenant !== tenant) throw analysisNotFound(id);
    const { status } = state;
    const hasEnded = status !== 'queued' && status !== 'running';
    if (hasEnded && (await this.results.isDeleted(id, state.runId))) throw analysisNotFound(id);
    if (status === 'succeeded') {
      // It may have finished between the two looks.
      const result = await this.results.find(id);
      if (result === null) throw resultGone(id);
      return this.#succeeded(id, result);
    }
    const resource = { id, status, progress: progressBody(state.progress), links: this.#links(id) };
    if (status === 'queued' || status === 'running') return resource;
    const problem = await this.runs.problem(id, state.runId);
    return problem === null ? resource : { ...resource, error: problemBody(problem, requestId) };
  }

  /** The stored result. @throws Problem `analysis_not_found`, `result_gone` or `report_not_ready` */
  async finished(id: string, asker: Asker): Promise<AnalysisResult> {
    const { result, status } = await this.find(id, asker);
    if (result !== undefined) return result;
    throw new Problem(
      'report_not_ready',
      `Expected an analysis that succeeded, got one that is ${status}.`,
      {
        members: { id, analysis_status: status },
      },
    );
  }

  /** Whoever asks again for an analysis that is under way may join it. @throws Problem `backlog_full` */
  async #admit(id: string, tenant: string): Promise<void> {
    if (await this.backlog.isFull(tenant)) {
      const status = (await this.runs.describe(id))?.status;
      if (status === 'queued' || status === 'running') return;
    }
    await this.backlog.admit(tenant);
  }

  /** Null, or the result of a run that finished while this request was on its way. */
  async #startOrFind(request: AnalysisRequest): Promise<AnalysisResult | null> {
    await this.results.noteFrames(request);
    if (await this.runs.start(request)) return null;
    const result = await this.results.find(request.analysisId);
    if (result === null) await this.runs.startAgain(request);
    return result;
  }

  #requestFor({
    tenant,
    input,
    declaredMediaType,
    declaredHash,
    modelVersion,
    sampling,
    model,
  }: Submission): AnalysisRequest {
    const identity = {
      tenant,
      input,
      // A file's content decides, so that a result does not depend on who asked first.
      mediaType: input.kind === 'frames' ? declaredMediaType : null,
      pipeline: PIPELINE_REVISION,
      sampling,
      modelFingerprint: model.fingerprint,
    };
    return {
      ...identity,
      analysisId: analysisIdOf(identity),
      cropsId: cropsIdOf(identity),
      declaredHash,
      modelVersion,
      queues: {
        media: this.#queues.media,
        inference: inferenceQueue(this.#queues, model.alias),
      },
    };
  }

  #succeeded(id: string, result: AnalysisResult): AnalysisResource {
    return { id, status: 'succeeded', progress: null, result, links: this.#links(id, true) };
  }

  #links(id: string, hasReport = false): AnalysisResource['links'] {
    const { temporalUiUrl: url } = this.config.http;
    const { namespace } = this.temporal;
    const workflowId = this.runs.workflowId(id);
    return linksOf(id, hasReport, url === null ? null : { url, namespace, workflowId });
  }
}

function resultGone(id: string): Problem {
  return new Problem('result_gone', 'The analysis finished, but its result is no longer stored.', {
    members: { id },
  });
}
