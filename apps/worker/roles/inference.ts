import path from 'node:path';
import { Worker } from '@temporalio/worker';
import { InferenceEngine } from '../../../libs/model/engine.js';
import { resolveModel } from '../../../libs/model/source.js';
import type { InferenceActivities } from '../../../workflows/contracts/activities.js';
import { describeModel } from '../activities/describe-model.js';
import { scoreFaces } from '../activities/score-faces.js';
import type { RoleContext, StartedRole } from './context.js';
import { downloadProgress } from './download-progress.js';
import { withLoadingPresence } from './loading-presence.js';
import { activityOptions, commonOptions } from './worker-options.js';

/** Activities at once: one whose crops are read or written while another's are scored, and room for `describeModel`. */
const ACTIVITY_SLOTS = 4;

/**
 * Scores on the inference queue, polled only once the model has answered. Until then the process shows itself as loading.
 * @throws ModelError when the model can't be had
 */
export async function startInferenceRole(context: RoleContext): Promise<StartedRole> {
  const { config, queues, blobs, logger, signal } = context;
  const engine = await withLoadingPresence(context, async () => {
    const model = await resolveModel(config.model, {
      signal,
      onProgress: downloadProgress(logger),
    });
    if (model.notice !== undefined) logger.warn(model.notice);
    return InferenceEngine.load(model, {
      threads: config.model.threads,
      cacheDir: path.join(config.dataDir, 'weights'),
      signal,
    });
  });
  const { id, revision, dtype, device, fingerprint, loadMilliseconds } = engine.description;
  logger.info({ id, revision, dtype, device, fingerprint, loadMilliseconds }, 'model loaded');
  const activities: InferenceActivities = {
    describeModel: describeModel(engine),
    scoreFaces: scoreFaces(blobs, engine),
  };
  const worker = await Worker.create({
    ...commonOptions(context, {
      role: 'inference',
      state: 'ready',
      model: { id, revision, dtype, device, fingerprint },
    }),
    ...activityOptions,
    taskQueue: queues.inference,
    activities,
    maxConcurrentActivityTaskExecutions: ACTIVITY_SLOTS,
  });
  return { workers: [worker], close: () => engine.close() };
}
