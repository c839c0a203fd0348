import {
  ApplicationFailure,
  isCancellation,
  CancellationScope,
  proxyActivities,
  setCurrentDetails,
  upsertMemo,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { aggregation, segmentWork, shortWork } from './activity-options.js';
import type {
  AnalysisSummary,
  DescribedModel,
  InferenceActivities,
  MediaActivities,
  ProbedMedia,
  ScoredFaces,
} from './contracts/activities.js';
import type { AnalysisProgress } from './contracts/progress.js';
import type { AnalysisRequest } from './contracts/request.js';
import { searchAttributes } from './contracts/search-attributes.js';
import { failureOf } from './failure-of.js';
import { forEachInWindow } from './for-each-in-window.js';
import { planSegments } from './plan-segments.js';
import type { Segment } from './segment-plan.js';
import { finishedSummary, segmentSummary } from './summaries.js';

/**
 * Segments of one run that are under way at once: one is decoded while another is scored. More would only fill
 * the queue before other people's runs.
 */
const SEGMENTS_IN_FLIGHT = 2;

/**
 * The recipe of one analysis: describe the model and probe the medium, cut it into segments, per segment extract
 * the faces and score them, then aggregate. Only keys and numbers pass through here.
 *
 * @throws ApplicationFailure whose `type` is a `FailureCode`
 */
export async function analyzeMedia(request: AnalysisRequest): Promise<AnalysisSummary> {
  try {
    return await recipe(request);
  } catch (error) {
    const cancelled = isCancellation(error);
    const failure = failureOf(error);
    await CancellationScope.nonCancellable(() => {
      upsertSearchAttributes([
        { key: searchAttributes.analysisStatus, value: cancelled ? 'cancelled' : 'failed' },
        ...(cancelled ? [] : [{ key: searchAttributes.failureCode, value: failure.type ?? null }]),
      ]);
      return Promise.resolve();
    });
    throw cancelled ? error : failure;
  }
}

async function recipe(request: AnalysisRequest): Promise<AnalysisSummary> {
  const { analysisId, cropsId, input, queues } = request;
  const quickMedia = proxyActivities<MediaActivities>({ ...shortWork, taskQueue: queues.media });
  const quickInference = proxyActivities<InferenceActivities>({
    ...shortWork,
    taskQueue: queues.inference,
  });
  const media = proxyActivities<MediaActivities>({ ...segmentWork, taskQueue: queues.media });
  const inference = proxyActivities<InferenceActivities>({
    ...segmentWork,
    taskQueue: queues.inference,
  });
  const closing = proxyActivities<MediaActivities>({ ...aggregation, taskQueue: queues.media });

  const [described, probed] = await Promise.all([
    quickInference.describeModel(),
    quickMedia.probeMedia({ input, mediaType: request.mediaType }),
  ]);
  refuseAnotherModel(request, described);
  const crops = { analysisId, cropsId, crop: described.crop };
  const segments = planSegments(request, probed);
  const progress = new Progress(segments.length, probed);
  const found = [
    { key: searchAttributes.mediaType, value: probed.mediaType },
    { key: searchAttributes.modelRevision, value: described.model.revision },
  ];
  // A picture is done before anyone could look, and each upsert costs the server a write.
  const isWatched = probed.durationSeconds !== null || segments.length > 1;
  if (isWatched) {
    upsertSearchAttributes([{ key: searchAttributes.analysisStatus, value: 'running' }, ...found]);
    progress.publish();
  }

  await forEachInWindow(segments, SEGMENTS_IN_FLIGHT, async (segment) => {
    const span = segmentSummary(segment, segments.length);
    const extracted = await media.extractFaces.executeWithOptions(
      { summary: `${span}: extract faces` },
      [{ ...crops, input, probed, segment }],
    );
    progress.add({ segmentsExtracted: 1 });
    if (isWatched) progress.publish();
    if (extracted.decoded === 0) return;
    const scored = await inference.scoreFaces.executeWithOptions(
      {
        summary: `${span}: score ${extracted.decoded} crops, ${extracted.withoutFace} without a face`,
      },
      [
        {
          ...crops,
          segment: segment.index,
          count: extracted.decoded,
          fingerprint: described.model.fingerprint,
        },
      ],
    );
    refuseOtherScores(segment, scored, described);
    progress.add({ segmentsScored: 1, framesScored: extracted.decoded });
    if (isWatched) progress.publish();
  });

  const summary = await closing.aggregate({
    request,
    probed,
    model: described.model,
    crop: described.crop,
    segments,
    startedAt: workflowInfo().startTime.getTime(),
  });
  upsertSearchAttributes([
    { key: searchAttributes.analysisStatus, value: 'succeeded' },
    ...found,
    { key: searchAttributes.verdict, value: summary.verdict },
    { key: searchAttributes.riskScore, value: summary.scores.risk_score },
  ]);
  progress.finish();
  setCurrentDetails(finishedSummary(summary));
  return summary;
}

/** The analysis ID was made for one model; scoring with another would file its scores under the wrong name. */
function refuseAnotherModel(request: AnalysisRequest, { model }: DescribedModel): void {
  if (model.fingerprint === request.modelFingerprint) return;
  throw ApplicationFailure.create({
    type: 'model_mismatch',
    nonRetryable: true,
    message:
      `Expected a worker with model fingerprint ${request.modelFingerprint}, but ${model.fingerprint} ` +
      `(${model.id} ${model.revision}) answered. Send the request again to have it analysed with the new model.`,
  });
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

/** Keeps the memo's progress, which the API reads without a worker. */
class Progress {
  #now: AnalysisProgress;

  constructor(segmentsTotal: number, probed: ProbedMedia) {
    this.#now = {
      stage: 'analysing',
      segmentsTotal,
      segmentsExtracted: 0,
      segmentsScored: 0,
      framesScored: 0,
      mediaType: probed.mediaType,
      durationSeconds: probed.durationSeconds,
    };
  }

  add(step: { segmentsExtracted?: number; segmentsScored?: number; framesScored?: number }): void {
    const { segmentsExtracted = 0, segmentsScored = 0, framesScored = 0 } = step;
    this.#now = {
      ...this.#now,
      segmentsExtracted: this.#now.segmentsExtracted + segmentsExtracted,
      segmentsScored: this.#now.segmentsScored + segmentsScored,
      framesScored: this.#now.framesScored + framesScored,
    };
    if (this.#now.segmentsScored === this.#now.segmentsTotal) {
      this.#now = { ...this.#now, stage: 'aggregating' };
    }
  }

  publish(): void {
    upsertMemo({ progress: this.#now });
    setCurrentDetails(
      `${this.#now.stage}: ${this.#now.segmentsScored} of ${this.#now.segmentsTotal ?? '?'} segments scored, ` +
        `${this.#now.framesScored} frames`,
    );
  }

  finish(): void {
    this.#now = { ...this.#now, stage: 'done' };
    upsertMemo({ progress: this.#now });
  }
}
