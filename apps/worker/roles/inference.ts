import path from 'node:path';
import { Worker } from '@temporalio/worker';
import { InferenceEngine, type ModelDescription } from '../../../libs/model/engine.js';
import { ModelError } from '../../../libs/model/model-error.js';
import { resolveModel } from '../../../libs/model/source.js';
import { lanesOf, machineFacts } from '../../../libs/platform/config/slots.js';
import type { ModelSettings } from '../../../libs/platform/config/config.js';
import type {
  InferenceActivities,
  RescoreActivities,
} from '../../../workflows/contracts/activities.js';
import { batchQueue, DEFAULT_MODEL, inferenceQueue } from '../../../workflows/contracts/queues.js';
import { describeModel } from '../activities/describe-model.js';
import { rescoreFaces, scoreFaces } from '../activities/score-faces.js';
import type { RoleContext, StartedRole } from './context.js';
import { downloadProgress } from './download-progress.js';
import { withLoadingPresence } from './loading-presence.js';
import { activityOptions, commonOptions } from './worker-options.js';

/**
 * Scores on the model's queue, polled only once the model has answered. Until then the process shows itself as loading.
 * @throws ModelError when the model can't be had
 */
export async function startInferenceRole(
  context: RoleContext,
  settings: ModelSettings,
): Promise<StartedRole> {
  const { queues, blobs, logger } = context;
  const { alias } = settings;
  const taskQueue = inferenceQueue(queues, alias);
  const engine = await withLoadingPresence(context, settings, taskQueue, () =>
    loadEngine(context, settings),
  );
  const { id, revision, dtype, device, fingerprint, loadMilliseconds, ...rest } =
    engine.description;
  logger.info(
    { alias, id, revision, dtype, device, fingerprint, loadMilliseconds },
    'model loaded',
  );
  const { inferenceSlots } = context.config.worker;
  const lanes = lanesOf(inferenceSlots);
  logger.info(
    { alias, slots: inferenceSlots, threads: settings.threads, ...machineFacts() },
    'inference at once',
  );
  const activities: InferenceActivities & RescoreActivities = {
    describeModel: describeModel(engine),
    scoreFaces: scoreFaces(blobs, engine),
    rescoreFaces: rescoreFaces(blobs, engine),
  };
  const common = {
    ...commonOptions(context, {
      role: 'inference',
      state: 'ready',
      model: {
        id,
        revision,
        dtype,
        device,
        fingerprint,
        architecture: rest.architecture,
        weights: rest.weightsSha256,
        fakeLabel: rest.fakeLabel,
        graphBuilder: rest.graphBuilder,
        processor: processorText(rest),
        accuracy: accuracyText(rest.accuracy),
      },
    }),
    ...activityOptions,
    activities,
  };
  const workers = await Promise.all([
    Worker.create({
      ...common,
      taskQueue,
      maxConcurrentActivityTaskExecutions: lanes.short,
    }),
    Worker.create({
      ...common,
      taskQueue: batchQueue(taskQueue),
      maxConcurrentActivityTaskExecutions: lanes.batch,
    }),
  ]);
  return { workers, close: () => engine.close() };
}

function processorText(
  d: Pick<ModelDescription, 'inputSize' | 'resample' | 'rescaleFactor' | 'imageMean' | 'imageStd'>,
): string {
  return [d.inputSize, d.resample, d.rescaleFactor, d.imageMean, d.imageStd].join(' ');
}

/** To two digits: an identity has to be short, and each result has the exact numbers. */
function accuracyText(accuracy: ModelDescription['accuracy']): string {
  if (accuracy === null) return '';
  const { pictures, maxDifference, meanDifference, bound } = accuracy;
  const short = (difference: number) => Number(difference.toPrecision(2));
  return [pictures, short(maxDifference), short(meanDifference), bound].join(',');
}

async function loadEngine(
  { config, logger, signal }: RoleContext,
  settings: ModelSettings,
): Promise<InferenceEngine> {
  try {
    const { alias, threads, dtype, device, fakeLabel } = settings;
    const onNotice = (notice: string) => {
      logger.warn({ alias }, notice);
    };
    const model = await resolveModel(
      { ...settings, hub: config.hub },
      { signal, onProgress: downloadProgress(logger), onNotice },
    );
    return await InferenceEngine.load(model, {
      threads,
      dtype,
      device,
      fakeLabel,
      gate: config.accuracyGate,
      cacheDir: path.join(config.dataDir, 'weights'),
      signal,
      onNotice,
    });
  } catch (error) {
    throw error instanceof ModelError ? ofModel(settings.alias, error) : error;
  }
}

/** The error with the name of the model, where there are several. */
function ofModel(alias: string, error: ModelError): ModelError {
  if (alias === DEFAULT_MODEL) return error;
  return new ModelError(error.code, `the model "${alias}" of MODELS: ${error.message}`, {
    cause: error,
  });
}
