import { resolveModel } from '../../libs/model/source.js';
import { ModelError } from '../../libs/model/model-error.js';
import { ConfigError, loadConfig } from '../../libs/platform/config/config.js';
import { createLogger } from '../../libs/platform/logger.js';
import { EXIT_CONFIGURATION } from '../../libs/platform/parent-channel.js';
import { downloadProgress } from './roles/download-progress.js';

/** Brings the configured models into the cache, for an image that carries them: `node dist/apps/worker/fetch-model.js`. */
try {
  const config = loadConfig();
  const logger = createLogger('fetch-model', config.logLevel);
  const onProgress = downloadProgress(logger);
  for (const { alias, ...source } of config.models) {
    // A folder is mounted where it is used; there is nothing to fetch.
    if (source.path !== null) continue;
    const onNotice = (notice: string) => {
      logger.warn({ alias }, notice);
    };
    const model = await resolveModel({ ...source, hub: config.hub }, { onProgress, onNotice });
    const { id, revision, folder } = model;
    logger.info({ alias, id, revision, folder }, 'the model is here');
  }
} catch (error) {
  if (!(error instanceof ConfigError) && !(error instanceof ModelError)) throw error;
  console.error(error.message);
  process.exitCode = EXIT_CONFIGURATION;
}
