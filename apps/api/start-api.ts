import type { AddressInfo } from 'node:net';
import { openBlobStore } from '../../libs/blobs/open-blob-store.js';
import type { Config } from '../../libs/platform/config/config.js';
import type { Logger } from '../../libs/platform/logger.js';
import { createApp } from './create-app.js';
import { Draining } from './http/draining.js';
import { Temporal } from './temporal/temporal.js';

export interface RunningApi {
  readonly port: number;
  /** Takes no more requests, lets those under way end within the configured grace, then closes all. */
  stop(): Promise<void>;
}

/** Starts the API from its configuration alone. Temporal need not be there yet. */
export async function startApi(config: Config, logger: Logger): Promise<RunningApi> {
  const blobs = await openBlobStore(config, logger);
  const temporal = Temporal.open(config.temporal);
  const draining = new Draining();
  const app = await createApp({ config, blobs, temporal, draining }, logger);
  const server = await app.listen({ host: config.http.host, port: config.http.port });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    stop: async () => {
      draining.begin();
      const timer = setTimeout(() => {
        logger.warn('requests still under way are cut off');
        server.closeAllConnections();
      }, config.shutdownGraceSeconds * 1000);
      await app.close();
      clearTimeout(timer);
      temporal.close();
      await blobs.close();
    },
  };
}
