import { Client } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { FaceDetectionPool } from '../../../libs/faces/detection-pool.js';
import { prepareFfmpeg } from '../../../libs/media/ffmpeg.js';
import type { MediaLimits } from '../../../libs/media/limits.js';
import { lanesOf, machineFacts } from '../../../libs/platform/config/slots.js';
import type { RetentionActivities } from '../../../workflows/contracts/retention.js';
import { extractFaces } from '../activities/extract-faces.js';
import { planCloserLook } from '../activities/plan-closer-look.js';
import { probeMedia } from '../activities/probe-media.js';
import { removeLeftovers } from '../activities/remove-leftovers.js';
import { ShortWork } from '../activities/short-work.js';
import { sweepBlobs } from '../activities/sweep-blobs.js';
import { keepRetentionSchedule } from '../retention-schedule.js';
import type { MediaActivities, ReviewActivities } from '../../../workflows/contracts/activities.js';
import { aggregate, aggregateAgain } from '../activities/aggregate.js';
import { verifyVerdict } from '../activities/verify-verdict.js';
import { batchQueue, turnQueue } from '../../../workflows/contracts/queues.js';
import { givingWay } from '../turns/giving-way.js';
import { runEnd } from '../turns/run-end.js';
import { TurnSlots } from '../turns/turn-slots.js';
import { watchFleet } from '../turns/watch-fleet.js';
import { workflowBundlePath } from '../workflow-bundle/path.js';
import type { RoleContext, StartedRole } from './context.js';
import { activityOptions, commonOptions } from './worker-options.js';

/** For what the worker of the workflows does not do. */
const NONE = { type: 'fixed-size', numSlots: 1 } as const;

/** Workflow tasks, and activities on media. The main thread does nothing heavy: it answers heartbeats and the workflows. */
export async function startMediaRole(context: RoleContext): Promise<StartedRole> {
  const { config, queues, blobs } = context;
  const { maxPixels, maxSeconds, maxStreams, probeTimeoutMs, decoder } = config.media;
  const limits: MediaLimits = { maxPixels, maxSeconds, maxStreams, probeTimeoutMs, decoder };
  // Before threads are begun: one that is ended while it loads takes the process down in a way of its own.
  const unconfined = await prepareFfmpeg();
  const detection = await FaceDetectionPool.create({ threads: config.media.faceThreads });
  if (unconfined.length > 0) {
    context.logger.warn({ unconfined }, 'decoders are not kept from everything on this system');
  }
  const { mediaSlots, cachedWorkflows } = config.worker;
  const lanes = lanesOf(mediaSlots);
  context.logger.info(
    { slots: mediaSlots, cachedWorkflows, faceThreads: detection.threads, ...machineFacts() },
    'media work at once',
  );
  const client = new Client({ connection: context.connection, namespace: context.namespace });
  const probe = probeMedia(blobs, limits);
  const activities: MediaActivities & ReviewActivities & RetentionActivities = {
    probeMedia: probe,
    extractFaces: extractFaces(blobs, detection, limits),
    planCloserLook: planCloserLook(blobs),
    aggregate: aggregate(blobs),
    sweepBlobs: sweepBlobs(blobs, client),
    removeLeftovers: removeLeftovers(blobs),
    aggregateAgain: aggregateAgain(blobs),
    verifyVerdict: verifyVerdict(blobs),
  };
  const short = new ShortWork(detection.threads);
  const { analysesInFlight } = config.worker;
  const turns = new TurnSlots(
    analysesInFlight ?? 2,
    (run, signal) => runEnd(client, run, signal),
    (runs) => {
      short.runs = runs;
    },
  );
  if (analysesInFlight === null) {
    watchFleet(context, (most) => {
      turns.allow(most);
    });
  }
  const common = commonOptions(context, { role: 'media', state: 'ready', model: null });
  const workers = await Promise.all([
    Worker.create({
      ...common,
      taskQueue: queues.analyses,
      workflowBundle: { codePath: workflowBundlePath },
      maxCachedWorkflows: cachedWorkflows,
      // When this process dies, another takes its workflows over after this long instead of the default of 10 s.
      stickyQueueScheduleToStartTimeout: '1s',
    }),
    Worker.create({
      ...common,
      ...activityOptions,
      taskQueue: queues.media,
      activities: short.counting(givingWay(turns.tenants, activities)),
      maxConcurrentActivityTaskExecutions: lanes.short,
    }),
    Worker.create({
      ...common,
      ...activityOptions,
      taskQueue: turnQueue(queues),
      activities: short.counting({ probeMedia: turns.takingTurns(probe) }),
      tuner: {
        workflowTaskSlotSupplier: NONE,
        activityTaskSlotSupplier: turns,
        localActivityTaskSlotSupplier: NONE,
        nexusTaskSlotSupplier: NONE,
      },
    }),
    Worker.create({
      ...common,
      ...activityOptions,
      taskQueue: batchQueue(queues.media),
      activities: {
        ...activities,
        extractFaces: extractFaces(blobs, detection, limits, () => short.frame()),
      },
      maxConcurrentActivityTaskExecutions: lanes.batch,
    }),
  ]);
  // Analyses go on without it, so a server that has no schedules, or does not let us, must not stop this worker.
  keepRetentionSchedule(client, config).catch((error: unknown) => {
    context.logger.error({ err: error }, 'the schedule of retention could not be kept');
  });
  return { workers, close: () => detection.close() };
}
