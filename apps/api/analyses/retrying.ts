import { Inject, Injectable } from '@nestjs/common';
import type { BlobStore } from '../../../libs/blobs/blob-store.js';
import type { Config } from '../../../libs/platform/config/config.js';
import type { AggregateInput } from '../../../workflows/contracts/activities.js';
import { aggregationKey } from '../../../workflows/contracts/blob-keys.js';
import { AGGREGATE_AGAIN, ANALYZE_MEDIA } from '../../../workflows/contracts/progress.js';
import { inferenceQueue, taskQueues } from '../../../workflows/contracts/queues.js';
import { PIPELINE_REVISION, type AnalysisRequest } from '../../../workflows/contracts/request.js';
import { ModelChoice } from '../intake/model-choice.js';
import { Problem } from '../problems/problem.js';
import type { Asker } from '../tenants/asker.js';
import { BLOBS, CONFIG } from '../tokens.js';
import { AnalysesService } from './analyses.service.js';
import { analysisIdOf, aggregatedAgainIdOf, cropsIdOf } from './analysis-id.js';
import type { AnalysisResource } from './analysis-resource.js';
import { Evidence } from './evidence.js';
import type { RetryWish } from './retry-wish.js';
import type { RunInput } from './run-start.js';
import { Runs } from './runs.js';

/** What there is to be done for a retry. */
interface Plan {
  readonly input: RunInput;
  /** Whether it is to be run again although it has succeeded: the result, or what it was made from, is gone or damaged. */
  readonly isCure: boolean;
  /** What is damaged of one whose result is there. */
  readonly damaged: string | null;
}

export interface Retried {
  /** The analysis that runs or has run; one that is cured has succeeded, and its result stays. */
  readonly analysis: AnalysisResource;
  /** What was found damaged, and is being made anew; null for all that had no result. */
  readonly damaged: string | null;
}

/** Runs analyses again, from as late as can be: what is finished is found by its name and not done again. */
@Injectable()
export class Retrying {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(BLOBS) private readonly blobs: BlobStore,
    @Inject(AnalysesService) private readonly analyses: AnalysesService,
    @Inject(Evidence) private readonly evidence: Evidence,
    @Inject(ModelChoice) private readonly models: ModelChoice,
    @Inject(Runs) private readonly runs: Runs,
  ) {}

  /**
   * @returns the analysis that runs or, under another model or other thresholds, has run before; its ID is a new one where
   *   model, pipeline or thresholds are others
   * @throws Problem `analysis_not_found`, `analysis_finished`, `scores_missing`, `request_gone`, `media_gone`, or what a new
   *   request for the model would be refused with
   */
  async retry(id: string, wish: RetryWish, asker: Asker): Promise<Retried> {
    const { input, isCure, damaged } = await this.#plan(id, wish, asker);
    const { analysisId } = input.request;
    const retryOf = analysisId === id ? null : id;
    if (isCure) await this.runs.startInputAgain(input);
    else await this.runs.startInput(input, retryOf);
    return { analysis: await this.analyses.find(analysisId, asker), damaged };
  }

  /** Whether a retry would be started. @throws Problem as {@link retry} */
  async check(id: string, wish: RetryWish, asker: Asker): Promise<void> {
    await this.#plan(id, wish, asker);
  }

  async #plan(id: string, wish: RetryWish, asker: Asker): Promise<Plan> {
    const status = await this.#statusOf(id, asker);
    const known = await this.#inputOf(id);
    const input = await this.#inputFor(known, wish);
    const isSame = input.request.analysisId === id;
    const damaged = isSame && status === 'succeeded' ? await this.#damageOf(id, wish) : null;
    if (input.type === ANALYZE_MEDIA) await this.#refuseWithoutMedia(input.request);
    else await this.#refuseWithoutScores(input.request.of);
    return { input, isCure: damaged !== null || (isSame && status === 'gone'), damaged };
  }

  /** @throws Problem `analysis_finished` where all is there, or `scores_missing` where another analysis has to be cured first */
  async #damageOf(id: string, wish: RetryWish): Promise<string> {
    const found = wish.from === 'start' ? await this.evidence.damageOf(id) : null;
    if (found === null) throw finished(id, wish);
    const { what, analysisId } = found;
    if (analysisId === id) return what;
    throw new Problem(
      'scores_missing',
      `Expected all that the analysis ${analysisId} has stored, whose scores this verdict is made of, but ${what} are damaged ` +
        'or gone. Retry that one from the start.',
      { members: { id, of: analysisId } },
    );
  }

  async #statusOf(id: string, asker: Asker): Promise<AnalysisResource['status'] | 'gone'> {
    try {
      return (await this.analyses.find(id, asker)).status;
    } catch (error) {
      if (error instanceof Problem && error.code === 'result_gone') return 'gone';
      throw error;
    }
  }

  async #inputOf(id: string): Promise<RunInput> {
    const input = await this.runs.inputOf(id);
    if (input !== null) return input;
    // Results outlive Temporal's memory of the runs.
    const stored = await this.blobs.get(aggregationKey(id));
    if (stored === null) {
      throw new Problem(
        'request_gone',
        'Expected an analysis that Temporal or the store still knows the request of.',
        { members: { id } },
      );
    }
    const { request } = JSON.parse(Buffer.from(stored).toString('utf8')) as AggregateInput;
    return { type: ANALYZE_MEDIA, request };
  }

  async #inputFor(known: RunInput, { from, model, thresholds }: RetryWish): Promise<RunInput> {
    if (thresholds !== null) {
      const { analysisId: of, tenant, queues } = known.request;
      const mediaSha256 =
        known.type === ANALYZE_MEDIA ? known.request.input.sha256 : known.request.mediaSha256;
      const analysisId = aggregatedAgainIdOf({ of, mediaSha256, thresholds });
      const request = {
        ...{ analysisId, of, thresholds, tenant, mediaSha256 },
        queues: { media: queues.media },
      };
      return { type: AGGREGATE_AGAIN, request };
    }
    if (known.type === AGGREGATE_AGAIN) return known;
    // What was extracted stays as it was found, by the pipeline of that time.
    const pipeline = from === 'start' ? PIPELINE_REVISION : known.request.pipeline;
    return { type: ANALYZE_MEDIA, request: await this.#requestFor(known.request, pipeline, model) };
  }

  async #requestFor(
    request: AnalysisRequest,
    pipeline: string,
    model: string | null,
  ): Promise<AnalysisRequest> {
    const queues = taskQueues(this.config.temporal.taskQueuePrefix);
    const former = this.config.models.find(
      ({ alias }) => inferenceQueue(queues, alias) === request.queues.inference,
    );
    const wanted = model ?? former?.alias ?? null;
    const { alias, fingerprint } = await this.models.of({ model: wanted, modelVersion: null });
    const identity = { ...request, pipeline, modelFingerprint: fingerprint };
    return {
      ...identity,
      analysisId: analysisIdOf(identity),
      cropsId: cropsIdOf(identity),
      modelVersion: model ?? request.modelVersion,
      queues: { media: queues.media, inference: inferenceQueue(queues, alias) },
    };
  }

  async #refuseWithoutMedia({ analysisId, input }: AnalysisRequest): Promise<void> {
    const keys = input.kind === 'file' ? [input.key] : input.frames.flatMap(({ key }) => key ?? []);
    for (const key of keys) {
      if ((await this.blobs.size(key)) !== null) continue;
      throw new Problem('media_gone', 'Expected the media of the analysis in the store.', {
        members: { id: analysisId },
      });
    }
  }

  async #refuseWithoutScores(id: string): Promise<void> {
    if ((await this.blobs.size(aggregationKey(id))) !== null) return;
    throw new Problem(
      'scores_missing',
      'Expected an analysis that has once succeeded, whose scores a new verdict can be made of.',
      { members: { id } },
    );
  }
}

function finished(id: string, { from }: RetryWish): Problem {
  const ways = {
    start: 'Name another model to have the media analysed with that',
    scoring: 'Name another model in model to have the same faces scored by that',
    aggregation: 'Give thresholds to have another verdict on the same scores',
  };
  return new Problem(
    'analysis_finished',
    `Expected an analysis that failed or was cancelled, got one that has succeeded. ${ways[from]}.`,
    { members: { id, analysis_status: 'succeeded' } },
  );
}
