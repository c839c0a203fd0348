import { Client } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { FaceDetectionPool } from '../../../libs/faces/detection-pool.js';
import { prepareFfmpeg } from '../../../libs/media/ffmpeg.js';
import type { MediaLimits } from '../../../libs/media/limits.js';
import type { RetentionActivities } from '../../../workflows/contracts/retention.js';
import { extractFaces } from '../activities/extract-faces.js';
import { planCloserLook } from '../activities/plan-closer-look.js';
import { probeMedia } from '../activities/probe-media.js';
import { removeLeftovers } from '../activities/remove-leftovers.js';
import { sweepBlobs } from '../activities/sweep-blobs.js';
import { keepRetentionSchedule } from '../retention-schedule.js';
import type { MediaActivities, ReviewActivities } from '../../../workflows/contracts/activities.js';
import { aggregate, aggregateAgain } from '../activities/aggregate.js';
import { verifyVerdict } from '../activities/verify-verdict.js';
import { batchQueue } from '../../../workflows/contracts/queues.js';
import { workflowBundlePath } from '../workflow-bundle/path.js';
import type { RoleContext, StartedRole } from './context.js';
import { activityOptions, commonOptions } from './worker-options.js';

/** Workflow runs kept in memory between their tasks; the others are replayed from their history. */
const CACHED_WORKFLOWS = 100;
/** Activities at once that somebody may wait for: more than there are cores, as some wait for a disk or a child process. */
const ACTIVITY_SLOTS = 4;

/** Workflow tasks, and activities on media. The main thread does nothing heavy: it answers heartbeats and the workflows. */
export async function startMediaRole(context: RoleContext): Promise<StartedRole> {
  const { config, queues, blobs } = context;
  const { maxPixels, maxSeconds, maxStreams, probeTimeoutMs, decoder } = config.media;
  const limits: MediaLimits = { maxPixels, maxSeconds, maxStreams, probeTimeoutMs, decoder };
  const [detection, unconfined] = await Promise.all([
    FaceDetectionPool.create({ threads: config.media.faceThreads }),
    prepareFfmpeg(),
  ]);
  if (unconfined.length > 0) {
    context.logger.warn({ unconfined }, 'decoders are not kept from everything on this system');
  }
  const client = new Client({ connection: context.connection, namespace: context.namespace });
  const activities: MediaActivities & ReviewActivities & RetentionActivities = {
    probeMedia: probeMedia(blobs, limits),
    extractFaces: extractFaces(blobs, detection, limits),
    planCloserLook: planCloserLook(blobs),
    aggregate: aggregate(blobs),
    sweepBlobs: sweepBlobs(blobs, client),
    removeLeftovers: removeLeftovers(blobs),
    aggregateAgain: aggregateAgain(blobs),
    verifyVerdict: verifyVerdict(blobs),
  };
  const common = commonOptions(context, { role: 'media', state: 'ready', model: null });
  const workers = await Promise.all([
    Worker.create({
      ...common,
      taskQueue: queues.analyses,
      workflowBundle: { codePath: workflowBundlePath },
      maxCachedWorkflows: CACHED_WORKFLOWS,
      // When this process dies, another takes its workflows over after this long instead of the default of 10 s.
      stickyQueueScheduleToStartTimeout: '1s',
    }),
    Worker.create({
      ...common,
      ...activityOptions,
      taskQueue: queues.media,
      activities,
      maxConcurrentActivityTaskExecutions: ACTIVITY_SLOTS,
    }),
    Worker.create({
      ...common,
      ...activityOptions,
      taskQueue: batchQueue(queues.media),
      activities,
      // More would wait for the detector's threads among themselves.
      maxConcurrentActivityTaskExecutions: config.media.faceThreads,
    }),
  ]);
  // Analyses go on without it, so a server that has no schedules, or does not let us, must not stop this worker.
  keepRetentionSchedule(client, config).catch((error: unknown) => {
    context.logger.error({ err: error }, 'the schedule of retention could not be kept');
  });
  return { workers, close: () => detection.close() };
}
