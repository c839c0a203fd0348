import { openBlobStore } from '../../libs/blobs/open-blob-store.js';
import { FfmpegError } from '../../libs/media/ffmpeg-build.js';
import { ModelError } from '../../libs/model/model-error.js';
import { ConfigError, loadConfig } from '../../libs/platform/config/config.js';
import { createLogger } from '../../libs/platform/logger.js';
import { temporalTarget } from '../../libs/platform/temporal-connection.js';
import { taskQueues } from '../../workflows/contracts/queues.js';
import { EXIT_CONFIGURATION, tellParent } from '../../libs/platform/parent-channel.js';
import { connect } from './connect.js';
import { chooseRoles } from './roles/choose-roles.js';
import type { RoleContext } from './roles/context.js';
import { startInferenceRole } from './roles/inference.js';
import { startMediaRole } from './roles/media.js';
import { installRuntime } from './runtime.js';
import { runUntilStopped } from './run-until-stopped.js';

/** One worker process: `node dist/apps/worker/main.js media | inference [alias] | all`. */
async function main(stop: AbortController): Promise<void> {
  const config = loadConfig();
  const { name, choices } = chooseRoles(process.argv.slice(2), config.models);
  const logger = createLogger(`worker-${name}`, config.logLevel);
  const onStop = (why: string) => {
    logger.info({ why }, 'stopping');
    stop.abort(new Error(`told to stop: ${why}`));
  };
  process.once('SIGTERM', onStop);
  process.once('SIGINT', onStop);
  // The supervisor is gone: nobody would restart or stop this process any more.
  process.once('disconnect', () => {
    onStop('disconnect');
  });

  installRuntime(logger);
  const { namespace, connection: options } = temporalTarget(config.temporal);
  const blobs = await openBlobStore(config, logger);
  const queues = taskQueues(config.temporal.taskQueuePrefix);
  const roles = await Promise.all(
    choices.map(async (choice) => {
      // A connection for each role: workers that share one are listed under one identity.
      const { signal } = stop;
      const connection = await connect(options, logger, signal);
      const context: RoleContext = { config, logger, connection, namespace, queues, blobs, signal };
      const started =
        choice.role === 'media'
          ? await startMediaRole(context)
          : await startInferenceRole(context, choice.model);
      return { ...started, connection };
    }),
  );
  const workers = roles.flatMap((role) => role.workers);
  await runUntilStopped(workers, stop.signal, () => {
    logger.info({ queues: workers.map((worker) => worker.options.taskQueue) }, 'ready');
    tellParent({ type: 'ready' });
  });
  await Promise.all(roles.map((role) => role.close().then(() => role.connection.close())));
  await blobs.close();
  logger.info('stopped');
}

const stop = new AbortController();
try {
  await main(stop);
  process.exit(0);
} catch (error) {
  // Told to stop before there was anything to stop.
  if (stop.signal.aborted && error === stop.signal.reason) process.exit(0);
  const isOurs =
    error instanceof ConfigError ||
    error instanceof FfmpegError ||
    (error instanceof ModelError && error.code !== 'model_failed');
  const message = error instanceof Error ? error.message : String(error);
  if (isOurs) {
    tellParent({
      type: 'failed',
      code: error instanceof ModelError ? error.code : 'configuration',
      message,
    });
    console.error(message);
  } else {
    console.error(error);
  }
  process.exit(isOurs ? EXIT_CONFIGURATION : 1);
}
