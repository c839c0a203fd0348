import { ApplicationFailure } from '@temporalio/common';
import type { ProbedMedia } from './contracts/activities.js';
import type { AnalysisRequest } from './contracts/request.js';
import { limitsOf } from './contracts/run-limits.js';
import { planPictures, planVideo, type Segment } from './segment-plan.js';

/** The segments of a medium, whatever it is. @throws ApplicationFailure `too_many_frames` */
export function planSegments(request: AnalysisRequest, probed: ProbedMedia): readonly Segment[] {
  const { durationSeconds } = probed;
  const segments = segmentsOf(request, probed);
  if (request.input.kind === 'file' && durationSeconds !== null)
    refuseTooMany(segments, durationSeconds, limitsOf(request).maxFrames);
  return segments;
}

/** {@link planSegments}, however many frames they have. */
export function segmentsOf(
  { input, sampling }: Pick<AnalysisRequest, 'input' | 'sampling'>,
  probed: ProbedMedia,
): readonly Segment[] {
  const { durationSeconds } = probed;
  if (input.kind === 'frames') return planPictures(input.frames.length);
  if (durationSeconds === null) return planPictures(1);
  return planVideo({ ...probed, durationSeconds }, sampling ?? null).segments;
}

function refuseTooMany(segments: readonly Segment[], seconds: number, most: number): void {
  const planned = segments.reduce((sum, { samples }) => sum + samples, 0);
  if (planned <= most) return;
  const rate = Math.floor((1000 * most) / seconds) / 1000;
  throw ApplicationFailure.create({
    type: 'too_many_frames',
    nonRetryable: true,
    message:
      `Expected at most ${most} frames in one analysis, got a video of ${Math.round(seconds)} s that would take up to ${planned}. ` +
      `Ask for fewer in options.sampling: at most ${rate} a second.`,
  });
}
