import {
  ApplicationFailure,
  isCancellation,
  proxyActivities,
  workflowInfo,
} from '@temporalio/workflow';
import { mediumWork, segmentWork, shortWork } from './activity-options.js';
import type {
  AnalysisSummary,
  DescribedModel,
  InferenceActivities,
  MediaActivities,
  ScoredFaces,
} from './contracts/activities.js';
import type { AnalysisRequest } from './contracts/request.js';
import { failureOf } from './failure-of.js';
import { forEachInWindow } from './for-each-in-window.js';
import { planSegments } from './plan-segments.js';
import { runToEnd } from './run-to-end.js';
import { RunView } from './run-view.js';
import type { Segment } from './segment-plan.js';
import { scoringSummary, segmentSummary } from './summaries.js';

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
export function analyzeMedia(request: AnalysisRequest): Promise<AnalysisSummary> {
  const view = new RunView(request.mediaType);
  return runToEnd(view, request.deadlineSeconds, () => recipe(request, view));
}

async function recipe(request: AnalysisRequest, view: RunView): Promise<AnalysisSummary> {
  const { analysisId, cropsId, input, queues } = request;
  const quickMedia = proxyActivities<MediaActivities>({ ...mediumWork, taskQueue: queues.media });
  const quickInference = proxyActivities<InferenceActivities>({
    ...shortWork,
    taskQueue: queues.inference,
  });
  const perSegment = segmentWork(request.segmentTries);
  const media = proxyActivities<MediaActivities>({ ...perSegment, taskQueue: queues.media });
  const inference = proxyActivities<InferenceActivities>({
    ...perSegment,
    taskQueue: queues.inference,
  });

  const [described, probed] = await Promise.all([
    view.step('describe the model', queues.inference, (options) =>
      quickInference.describeModel.executeWithOptions(options, []),
    ),
    view.step('probe the media', queues.media, (options) =>
      quickMedia.probeMedia.executeWithOptions(options, [{ input, mediaType: request.mediaType }]),
    ),
  ]);
  refuseAnotherModel(request, described);
  const crops = { analysisId, cropsId, crop: described.crop };
  const segments = planSegments(request, probed);
  view.planned(probed, described, segments.length);

  const analyseSegment = async (segment: Segment, span: string): Promise<void> => {
    const extracted = await view.step(`${span}: extract faces`, queues.media, (options) =>
      media.extractFaces.executeWithOptions(options, [{ ...crops, input, probed, segment }]),
    );
    view.add({ segmentsExtracted: 1 });
    if (extracted.decoded === 0) return;
    const scored = await view.step(scoringSummary(span, extracted), queues.inference, (options) =>
      inference.scoreFaces.executeWithOptions(options, [
        {
          ...crops,
          segment: segment.index,
          count: extracted.decoded,
          fingerprint: described.model.fingerprint,
        },
      ]),
    );
    refuseOtherScores(segment, scored, described);
    view.add({ segmentsScored: 1, framesScored: extracted.decoded });
  };
  await forEachInWindow(segments, SEGMENTS_IN_FLIGHT, async (segment) => {
    const span = segmentSummary(segment, segments.length);
    try {
      await analyseSegment(segment, span);
    } catch (error) {
      // A run of one segment needs no word on which it was.
      throw isCancellation(error) || segments.length === 1 ? error : failureOf(error, span);
    }
  });

  const summary = await view.step('aggregate', queues.media, (options) =>
    quickMedia.aggregate.executeWithOptions(options, [
      {
        request,
        probed,
        model: described.model,
        crop: described.crop,
        segments,
        startedAt: workflowInfo().startTime.getTime(),
      },
    ]),
  );
  view.succeeded(summary);
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
