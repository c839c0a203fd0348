import { ConfigError, loadConfig } from '../../libs/platform/config/config.js';
import { createLogger } from '../../libs/platform/logger.js';
import { EXIT_CONFIGURATION, tellParent } from '../../libs/platform/parent-channel.js';
import { startApi } from './start-api.js';

/** The API process: `node dist/apps/api/main.js`. */
async function main(): Promise<void> {
  const stop = toldToStop();
  const config = loadConfig();
  const logger = createLogger('api', config.logLevel);
  const api = await startApi(config, logger);
  const { host } = config.http;
  logger.info({ host, port: api.port }, 'ready');
  tellParent({ type: 'ready', port: api.port });
  logger.info({ why: await stop }, 'stopping');
  await api.stop();
  logger.info('stopped');
}

/** Resolves with the reason. */
function toldToStop(): Promise<string> {
  return new Promise((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
    // The supervisor is gone: nobody would restart or stop this process any more.
    process.once('disconnect', () => {
      resolve('disconnect');
    });
  });
}

try {
  await main();
  process.exit(0);
} catch (error) {
  const isOurs = error instanceof ConfigError;
  const message = error instanceof Error ? error.message : String(error);
  tellParent({ type: 'failed', code: isOurs ? 'configuration' : 'internal_error', message });
  if (isOurs) console.error(message);
  else console.error(error);
  process.exit(isOurs ? EXIT_CONFIGURATION : 1);
}
