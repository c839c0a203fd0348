import { ApplicationFailure, proxyActivities } from '@temporalio/workflow';
import type { ActivityInterfaceFor } from '@temporalio/workflow';
import { segmentWork } from './activity-options.js';
import type {
  DescribedModel,
  ExtractedFaces,
  InferenceActivities,
  MediaActivities,
  ProbedMedia,
  ScoredFaces,
} from './contracts/activities.js';
import { batchQueue, type TaskQueues } from './contracts/queues.js';
import type { AnalysisRequest } from './contracts/request.js';
import { withRenewal } from './renewal.js';
import type { RunView } from './run-view.js';
import { nameOf, type Segment } from './segment-plan.js';
import { scoringSummary } from './summaries.js';

/** What is done with each segment of one analysis: its faces are extracted, and then scored. */
export class SegmentSteps {
  readonly #queues: Pick<TaskQueues, 'media' | 'inference'>;
  readonly #media: ActivityInterfaceFor<MediaActivities>;
  readonly #inference: ActivityInterfaceFor<InferenceActivities>;

  /** @param segments of the first pass */
  constructor(
    private readonly request: AnalysisRequest,
    private readonly found: { readonly described: DescribedModel; readonly probed: ProbedMedia },
    private readonly view: RunView,
    segments: number,
  ) {
    const { queues, segmentTries } = request;
    const perSegment = segmentWork(segmentTries, segments);
    const laneOf = (queue: string) =>
      segments > 1 && queues.hasBatch === true ? batchQueue(queue) : queue;
    this.#queues = { media: laneOf(queues.media), inference: laneOf(queues.inference) };
    this.#media = proxyActivities<MediaActivities>({
      ...perSegment,
      taskQueue: this.#queues.media,
    });
    this.#inference = proxyActivities<InferenceActivities>({
      ...perSegment,
      taskQueue: this.#queues.inference,
    });
  }

  /** @param span what of the medium it is, for people */
  async analyse(segment: Segment, span: string): Promise<void> {
    const { view } = this;
    const extracted = await this.#extract(segment, span);
    const isEmpty = extracted.decoded === 0;
    view.add({ segmentsExtracted: 1, segmentsScored: isEmpty ? 1 : 0 });
    if (isEmpty) return;
    const scored = await this.#score(segment, span, extracted);
    view.add({ segmentsScored: 1, framesScored: scored });
  }

  /** What is stored of the segment is gone, or part of it: what is still there is found and taken. */
  async renew(segment: Segment, span: string): Promise<void> {
    const extracted = await this.#extract(segment, `${span}, anew`);
    if (extracted.decoded > 0) await this.#score(segment, `${span}, anew`, extracted);
  }

  #extract(segment: Segment, span: string): Promise<ExtractedFaces> {
    const { input } = this.request;
    const { probed } = this.found;
    return this.view.step(`${span}: extract faces`, this.#queues.media, (options) =>
      this.#media.extractFaces.executeWithOptions(options, [
        { ...this.#crops(), input, probed, segment },
      ]),
    );
  }

  /** @returns how many faces */
  async #score(segment: Segment, span: string, extracted: ExtractedFaces): Promise<number> {
    const { fingerprint } = this.found.described.model;
    let { decoded } = extracted;
    const scored = await withRenewal(
      () =>
        this.view.step(scoringSummary(span, extracted), this.#queues.inference, (options) =>
          this.#inference.scoreFaces.executeWithOptions(options, [
            { ...this.#crops(), segment: nameOf(segment), count: decoded, fingerprint },
          ]),
        ),
      async () => {
        ({ decoded } = await this.#extract(segment, `${span}, anew`));
      },
    );
    refuseOtherScores(segment, scored, this.found.described);
    return decoded;
  }

  #crops() {
    const { analysisId, cropsId } = this.request;
    return { analysisId, cropsId, crop: this.found.described.crop };
  }
}

/** Workers refuse to score for another model than theirs; one that doesn't must not have its scores averaged with others. */
function refuseOtherScores(
  { index }: Segment,
  { fingerprint }: ScoredFaces,
  { model }: DescribedModel,
): void {
  if (fingerprint === model.fingerprint) return;
  throw ApplicationFailure.create({
    type: 'model_mismatch',
    nonRetryable: true,
    message:
      `Expected the scores of segment ${index} from the model with fingerprint ${model.fingerprint}, but ${fingerprint} gave them. ` +
      'All inference workers of one task queue must run the same model.',
  });
}
