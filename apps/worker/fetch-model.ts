import { resolveModel } from '../../libs/model/source.js';
import { ModelError } from '../../libs/model/model-error.js';
import { ConfigError, loadConfig } from '../../libs/platform/config/config.js';
import { createLogger } from '../../libs/platform/logger.js';
import { EXIT_CONFIGURATION } from '../../libs/platform/parent-channel.js';
import { downloadProgress } from './roles/download-progress.js';

/** Brings the configured model into the cache, for an image that carries it: `node dist/apps/worker/fetch-model.js`. */
try {
  const config = loadConfig();
  const logger = createLogger('fetch-model', config.logLevel);
  const model = await resolveModel(config.model, { onProgress: downloadProgress(logger) });
  logger.info(
    { id: model.id, revision: model.revision, folder: model.folder },
    'the model is here',
  );
} catch (error) {
  if (!(error instanceof ConfigError) && !(error instanceof ModelError)) throw error;
  console.error(error.message);
  process.exitCode = EXIT_CONFIGURATION;
}
