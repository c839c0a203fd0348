import { proxyActivities } from '@temporalio/workflow';
import { mediumWork, segmentWork } from './activity-options.js';
import type { SegmentName } from './contracts/blob-keys.js';
import type { RescoreActivities, ReviewActivities } from './contracts/activities.js';
import type { Verification, VerifyRequest } from './contracts/verification.js';
import { failureOf } from './failure-of.js';
import { forEachInWindow } from './for-each-in-window.js';

const SEGMENTS_IN_FLIGHT = 2;

/**
 * Makes a stored result again from the stored scores and holds the bytes against each other; scores the stored crops again
 * too where that is wished. Changes nothing.
 *
 * @throws ApplicationFailure whose `type` is a `FailureCode`
 */
export async function verifyAnalysis(request: VerifyRequest): Promise<Verification> {
  const { analysisId, inference, queues } = request;
  const media = proxyActivities<ReviewActivities>({ ...mediumWork, taskQueue: queues.media });
  try {
    const { logic, segments } = await media.verifyVerdict.executeWithOptions(
      { summary: 'make the result again from the stored scores' },
      [{ analysisId }],
    );
    if (!inference) return { id: analysisId, ...logic };
    const scoring = proxyActivities<RescoreActivities>({
      ...segmentWork(request.segmentTries),
      taskQueue: queues.inference,
    });
    let maxDifference = 0;
    let crops = 0;
    await forEachInWindow(segments, SEGMENTS_IN_FLIGHT, async (segment) => {
      const summary = `${titleOf(segment.segment)} of ${segments.length}: score ${segment.count} crops again`;
      const rescored = await scoring.rescoreFaces.executeWithOptions({ summary }, [segment]);
      maxDifference = Math.max(maxDifference, rescored.maxDifference);
      crops += segment.count;
    });
    const { tolerance, toleranceBasis } = request;
    return {
      id: analysisId,
      ...logic,
      inference: maxDifference <= tolerance ? 'within_tolerance' : 'outside_tolerance',
      max_difference: maxDifference,
      tolerance,
      ...(toleranceBasis === undefined ? {} : { tolerance_basis: toleranceBasis }),
      crops,
    };
  } catch (error) {
    throw failureOf(error);
  }
}

/** As people count: a segment of the first pass by its number, one of a closer look by its name. */
function titleOf(segment: SegmentName): string {
  return `segment ${typeof segment === 'number' ? segment + 1 : segment}`;
}
