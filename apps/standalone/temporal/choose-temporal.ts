import path from 'node:path';
import type { Config } from '../../../libs/platform/config/config.js';
import { temporalTarget } from '../../../libs/platform/temporal-connection.js';
import { freePort } from '../ports.js';
import { programCacheDir } from './cache-dir.js';
import { findTemporal } from './find-temporal.js';
import { stopLeftoverServer } from './leftover-server.js';
import type { ServerPlan } from './server-arguments.js';
import { waitForTemporal } from './wait-for-temporal.js';

const PREFERRED_UI_PORT = 8233;
const RUNNING_LIMIT_MS = 10_000;

/** A Temporal server of our own, to be started. */
export interface OwnTemporal extends ServerPlan {
  /** The program. */
  readonly file: string;
  readonly namespace: string;
}

export interface ChosenTemporal {
  /** `host:port`. */
  readonly address: string;
  /** Null where the server is not ours and nobody said where its UI is. */
  readonly ui: string | null;
  /** Null where the server runs already. */
  readonly own: OwnTemporal | null;
}

/**
 * The Temporal server to work with: the one at `address`, else one of our own that keeps its runs in `dataDir`. Says which.
 *
 * @throws Error when the one at `address` doesn't answer, or none can be had
 */
export async function chooseTemporal(
  config: Config,
  address: string | null,
  dataDir: string,
  onStep: (what: string) => void,
): Promise<ChosenTemporal> {
  const searchPath = process.env.PATH ?? '';
  const found = await findTemporal({ address, searchPath, cacheDir: programCacheDir, onStep });
  if (found.kind === 'running') {
    const { connection, namespace } = temporalTarget(config.temporal);
    const target = { ...connection, address: found.address };
    onStep(`Temporal server: ${found.address}, which runs already`);
    await waitForTemporal(target, namespace, RUNNING_LIMIT_MS);
    return { address: found.address, ui: config.http.temporalUiUrl, own: null };
  }
  const leftover = await stopLeftoverServer(dataDir);
  if (leftover !== null)
    onStep(`Stopped a Temporal server (process ${leftover}) that an earlier start left behind`);
  onStep(`Temporal server: ${found.file} (from ${found.from})`);
  const own: OwnTemporal = {
    file: found.file,
    port: await freePort(),
    uiPort: await freePort(PREFERRED_UI_PORT),
    httpPort: await freePort(),
    databaseFile: path.join(dataDir, 'temporal.db'),
    namespace: config.temporal.namespace ?? 'default',
  };
  return { address: `127.0.0.1:${own.port}`, ui: `http://127.0.0.1:${own.uiPort}`, own };
}
