import {
  ApplicationFailure,
  isCancellation,
  makeContinueAsNewFunc,
  proxyActivities,
  workflowInfo,
} from '@temporalio/workflow';
import type { Continuation } from './continuation.js';
import { mediumWork, shortWork } from './activity-options.js';
import type {
  AnalysisSummary,
  DescribedModel,
  InferenceActivities,
  MediaActivities,
  ProbedMedia,
} from './contracts/activities.js';
import { turnQueue } from './contracts/queues.js';
import type { AnalysisRequest } from './contracts/request.js';
import { limitsOf } from './contracts/run-limits.js';
import { failureOf } from './failure-of.js';
import { forEachInWindow } from './for-each-in-window.js';
import { planSegments } from './plan-segments.js';
import { withRenewal } from './renewal.js';
import { runToEnd } from './run-to-end.js';
import { RunView } from './run-view.js';
import { nameOf, type Segment } from './segment-plan.js';
import { SegmentSteps } from './segment-steps.js';
import { segmentSummary } from './summaries.js';

/**
 * The recipe of one analysis: describe the model and probe the medium, cut it into segments, per segment extract
 * the faces and score them, then aggregate. Only keys and numbers pass through here. After so many segments as its limits
 * say a run hands on to another of the same workflow ID.
 *
 * @param continuation what the run before this one hands on; absent in the first
 * @throws ApplicationFailure whose `type` is a `FailureCode`
 */
export async function analyzeMedia(
  request: AnalysisRequest,
  continuation?: Continuation,
): Promise<AnalysisSummary> {
  const view = new RunView(request.mediaType);
  const deadline = { since: startedAt(continuation), seconds: request.deadlineSeconds };
  const outcome = await runToEnd(view, deadline, () => recipe(request, view, continuation));
  if (outcome.kind === 'done') return outcome.summary;
  const handOn = makeContinueAsNewFunc<typeof analyzeMedia>({
    memo: { ...workflowInfo().memo, progress: outcome.continuation.progress },
  });
  return handOn(request, outcome.continuation);
}

type Outcome =
  | { readonly kind: 'done'; readonly summary: AnalysisSummary }
  | { readonly kind: 'more'; readonly continuation: Continuation };

async function recipe(
  request: AnalysisRequest,
  view: RunView,
  continuation: Continuation | undefined,
): Promise<Outcome> {
  const { queues } = request;
  const found = continuation ?? (await beginning(request, view));
  const quickMedia = proxyActivities<MediaActivities>({ ...mediumWork, taskQueue: queues.media });
  const { described, probed } = found;
  const segments = planSegments(request, probed);
  if (continuation === undefined) view.planned(probed, described, segments.length);
  else view.continued(continuation);
  const steps = new SegmentSteps(request, found, view, segments.length);

  const { segmentsInFlight, segmentsPerRun } = limitsOf(request);
  const from = continuation?.segmentsDone ?? 0;
  const ofThisRun = segments.slice(from, from + segmentsPerRun);
  const analyse = (some: readonly Segment[], total: number) =>
    forEachInWindow(some, segmentsInFlight, async (segment) => {
      const span = segmentSummary(segment, total);
      try {
        await steps.analyse(segment, span);
      } catch (error) {
        // A run of one segment needs no word on which it was.
        throw isCancellation(error) || total === 1 ? error : failureOf(error, span);
      }
    });
  await analyse(ofThisRun, segments.length);
  const segmentsDone = from + ofThisRun.length;
  const handOn = (closer?: readonly Segment[]): Outcome => ({
    kind: 'more',
    continuation: {
      ...{ described, probed, segmentsDone, closer },
      ...{ startedAt: startedAt(continuation), ...view.progress },
    },
  });
  if (segmentsDone < segments.length) return handOn();

  const measured = { request, probed, model: described.model, crop: described.crop };
  let closer = continuation?.closer ?? [];
  /** Where what is stored of segments has been lost since, they are made anew first. */
  const overAll = <T>(step: () => Promise<T>): Promise<T> =>
    withRenewal(step, (names) => {
      const all = [...segments, ...closer];
      const lost = all.filter((segment) => names.includes(nameOf(segment)));
      return forEachInWindow(lost, segmentsInFlight, (segment) =>
        steps.renew(segment, segmentSummary(segment, all.length)),
      );
    });
  if (isAdaptive(request, probed)) {
    if (continuation?.closer === undefined) {
      const planned = await overAll(() =>
        view.step('plan a closer look', queues.media, (options) =>
          quickMedia.planCloserLook.executeWithOptions(options, [measured]),
        ),
      );
      closer = planned.segments;
      view.more(closer.length);
      if (ofThisRun.length + closer.length > segmentsPerRun) return handOn(closer);
    }
    await analyse(closer, segments.length + closer.length);
  }

  const summary = await overAll(() =>
    view.step('aggregate', queues.media, (options) =>
      quickMedia.aggregate.executeWithOptions(options, [
        { ...measured, closer, startedAt: startedAt(continuation) },
      ]),
    ),
  );
  view.succeeded(summary);
  return { kind: 'done', summary };
}

/** Whether a second look may follow the first. */
function isAdaptive({ input, sampling }: AnalysisRequest, probed: ProbedMedia): boolean {
  return (
    input.kind === 'file' && probed.durationSeconds !== null && sampling?.policy === 'adaptive'
  );
}

/** The server tells each run's own start alone. */
function startedAt(continuation: Continuation | undefined): number {
  return continuation?.startedAt ?? workflowInfo().startTime.getTime();
}

interface Beginning {
  readonly described: DescribedModel;
  readonly probed: ProbedMedia;
}

/** What model and medium are. The first step on the medium waits for the run's turn. */
async function beginning(request: AnalysisRequest, view: RunView): Promise<Beginning> {
  const { input, mediaType, sampling, queues } = request;
  const hasTurns = queues.hasTurns === true;
  const taskQueue = hasTurns ? turnQueue(queues) : queues.media;
  const quickMedia = proxyActivities<MediaActivities>({ ...mediumWork, taskQueue });
  const quickInference = proxyActivities<InferenceActivities>({
    ...shortWork,
    taskQueue: queues.inference,
  });
  const [described, probed] = await Promise.all([
    view.step('describe the model', queues.inference, (options) =>
      quickInference.describeModel.executeWithOptions(options, []),
    ),
    view.step(`probe the media${hasTurns ? ', in its turn' : ''}`, taskQueue, (options) =>
      quickMedia.probeMedia.executeWithOptions(options, [{ input, mediaType, sampling }]),
    ),
  ]);
  refuseAnotherModel(request, described);
  return { described, probed };
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
