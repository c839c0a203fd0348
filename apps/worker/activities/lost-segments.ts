import { ApplicationFailure } from '@temporalio/common';
import type { LostSegments } from '../../../workflows/contracts/activities.js';
import type { SegmentName } from '../../../workflows/contracts/blob-keys.js';

/**
 * What an earlier step has stored of these segments is gone or damaged. Trying again does not bring it back; the run has
 * those steps done again.
 *
 * @param what is missing: `crops_missing` stands for samples too
 */
export function lostSegments(
  what: 'crops_missing' | 'scores_missing',
  segments: readonly SegmentName[],
): ApplicationFailure {
  const lost: LostSegments = { segments };
  const named = segments.slice(0, MOST_NAMED).join(', ');
  const more = segments.length > MOST_NAMED ? ` and ${segments.length - MOST_NAMED} more` : '';
  return ApplicationFailure.create({
    type: what,
    nonRetryable: true,
    message:
      `Expected the ${what === 'crops_missing' ? 'faces' : 'scores'} that an earlier step has stored, ` +
      `but those of segment ${named}${more} are gone or damaged`,
    details: [lost],
  });
}

/** For a person to read; the details have all. */
const MOST_NAMED = 10;

/** There is no analysis to go on from. */
export function nothingStored(analysisId: string): ApplicationFailure {
  return ApplicationFailure.create({
    type: 'scores_missing',
    nonRetryable: true,
    message: `Expected a stored result with what it was made from, found not all of it for ${analysisId}`,
  });
}

/** Whether it is a failure of {@link lostSegments}. */
export function isLost(error: unknown): error is ApplicationFailure {
  return (
    error instanceof ApplicationFailure &&
    (error.type === 'crops_missing' || error.type === 'scores_missing')
  );
}

/** The same of another analysis than the run's own, which alone can have them made anew. */
export function lostOf(analysisId: string, cause: ApplicationFailure): ApplicationFailure {
  return ApplicationFailure.create({
    type: 'scores_missing',
    nonRetryable: true,
    message: `${cause.message}. Retry the analysis ${analysisId} from the start, and then this one`,
  });
}
