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
  if (config.apiKeys.length === 0 && !isLoopback(host)) {
    logger.warn(
      { host },
      'everyone who reaches this address can use the service and see all analyses: set API_KEYS, or let HOST be 127.0.0.1',
    );
  }
  const tenants = new Set(config.apiKeys.map(({ tenant }) => tenant));
  const sharedRoots = config.media.roots.filter((root) => !root.includes('{tenant}'));
  if (tenants.size > 1 && sharedRoots.length > 0) {
    logger.warn({ sharedRoots }, 'every tenant can have these files analysed: see MEDIA_ROOTS');
  }
  logger.info({ host, port: api.port, tenants: [...tenants] }, 'ready');
  tellParent({ type: 'ready', port: api.port });
  logger.info({ why: await stop }, 'stopping');
  await api.stop();
  logger.info('stopped');
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
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
