import { ActivityCancellationType, type ActivityOptions } from '@temporalio/common';
import { PRIORITY } from './contracts/priority.js';
import { NON_RETRYABLE_CODES } from './contracts/failure-codes.js';

/** A payload over the server's limit stays too large however often it is sent. */
const nonRetryableErrorTypes = [...NON_RETRYABLE_CODES, 'PayloadsTooLarge'];

/** A worker that lives sends a heartbeat twice a second; one that misses ten is dead. */
const heartbeatTimeout = '5 seconds';

/** A cancelled run ends when its work has ended: no child process outlives what the API calls cancelled. */
const cancellationType = ActivityCancellationType.WAIT_CANCELLATION_COMPLETED;

/**
 * Describing the model: an answer from memory. It has no heartbeat, so a worker that dies is noticed by the timeout
 * alone: keep it short. Retried for some ten minutes, as what fails here is a worker that will come back.
 */
export const shortWork: ActivityOptions = {
  startToCloseTimeout: '10 seconds',
  retry: {
    initialInterval: '1 second',
    maximumInterval: '30 seconds',
    maximumAttempts: 20,
    nonRetryableErrorTypes,
  },
};

/**
 * Work of moments with a child process or the blob store behind it: reading a header, adding up hours of video. Some
 * headers lie, and then the whole file is read. Retried for some ten minutes, for as long as a store may be away.
 */
export const mediumWork: ActivityOptions = {
  ...shortWork,
  startToCloseTimeout: '2 minutes',
  heartbeatTimeout,
  cancellationType,
};

/** Tries of one segment in runs that an earlier release has started; later ones bring their own. */
const SEGMENT_TRIES = 10;

/**
 * Work of seconds to minutes on one segment, with a child process or a model behind it. A segment that kills its worker
 * each time must not do so forever: bounded tries. The pauses between them grow, so that other segments, whose work each
 * death breaks off too, are finished in between.
 *
 * @param segments of the whole medium: where they are many, the work of shorter media goes first. All steps of a short one have
 *   the same priority, as tenants take turns within one priority alone
 */
export function segmentWork(tries = SEGMENT_TRIES, segments = 1): ActivityOptions {
  return {
    priority: { priorityKey: segments > 1 ? PRIORITY.batch : PRIORITY.interactive },
    startToCloseTimeout: '20 minutes',
    heartbeatTimeout,
    cancellationType,
    retry: {
      initialInterval: '1 second',
      maximumInterval: '30 seconds',
      maximumAttempts: tries,
      nonRetryableErrorTypes,
    },
  };
}
