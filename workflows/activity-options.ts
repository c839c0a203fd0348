import { ActivityCancellationType, type ActivityOptions } from '@temporalio/common';
import { NON_RETRYABLE_CODES } from './contracts/failure-codes.js';

/** A payload over the server's limit stays too large however often it is sent. */
const nonRetryableErrorTypes = [...NON_RETRYABLE_CODES, 'PayloadsTooLarge'];

/**
 * Work of moments: reading a header, describing the model, adding up. It has no heartbeat, so a worker that dies
 * is noticed by the timeout alone: keep it short. Retried for some ten minutes, as what fails here is the store
 * or a worker that will come back.
 */
export const shortWork: ActivityOptions = {
  startToCloseTimeout: '30 seconds',
  retry: {
    initialInterval: '1 second',
    maximumInterval: '30 seconds',
    maximumAttempts: 20,
    nonRetryableErrorTypes,
  },
};

/**
 * Work of seconds to minutes on one segment, with a child process or a model behind it. The heartbeat tells of a
 * dead worker within seconds. A cancel waits until the child is gone. A segment that kills its worker each
 * time must not do so forever: bounded tries.
 */
export const segmentWork: ActivityOptions = {
  startToCloseTimeout: '20 minutes',
  heartbeatTimeout: '5 seconds',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: {
    initialInterval: '1 second',
    maximumInterval: '30 seconds',
    maximumAttempts: 10,
    nonRetryableErrorTypes,
  },
};

/** Reads every segment's scores and encodes pictures: longer than {@link shortWork} for hours of video. */
export const aggregation: ActivityOptions = { ...shortWork, startToCloseTimeout: '2 minutes' };
