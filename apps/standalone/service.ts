import path from 'node:path';
import { loadConfig } from '../../libs/platform/config/config.js';
import { temporalTarget } from '../../libs/platform/temporal-connection.js';
import { lockFolder } from './lock.js';
import { partsOf } from './parts.js';
import { freePort } from './ports.js';
import { projectRoot } from './project-root.js';
import { LogLines } from './supervisor/log-lines.js';
import { Supervisor } from './supervisor/supervisor.js';
import { programCacheDir } from './temporal/cache-dir.js';
import { findTemporal } from './temporal/find-temporal.js';
import { waitForTemporal } from './temporal/wait-for-temporal.js';

/** The bundled demo model, used only when it is asked for. */
const DEMO_MODEL = path.join(projectRoot, 'models', 'demo');

export interface ServiceOptions {
  readonly dataDir: string;
  readonly port: number;
  readonly useDemoModel: boolean;
  readonly mostDeaths: number;
  readonly logLevel?: string;
  readonly onStep: (what: string) => void;
}

/** The whole service on this machine. */
export interface Service {
  readonly url: string;
  readonly temporalAddress: string;
  /** Null where the server is not ours and nobody said where its UI is. */
  readonly temporalUi: string | null;
  readonly supervisor: Supervisor;
  /** Stops all parts and frees the data folder. */
  stop(): Promise<void>;
}

const PREFERRED_UI_PORT = 8233;
const HEALTH_LIMIT_MS = 60_000;

/** Plans the parts. They don't run yet: {@link startService} does that. */
export async function prepareService(options: ServiceOptions): Promise<Service> {
  const config = loadConfig();
  const { namespace } = temporalTarget(config.temporal);
  const temporal = await findTemporal({
    address: config.temporal.address,
    searchPath: process.env.PATH ?? '',
    cacheDir: programCacheDir,
    onStep: options.onStep,
  });
  if (temporal.kind === 'running') await waitForTemporal(temporal.address, namespace, 10_000);
  const unlock = await lockFolder(options.dataDir);
  const temporalPorts = {
    port: await freePort(),
    uiPort: await freePort(PREFERRED_UI_PORT),
    httpPort: await freePort(),
  };
  const env = {
    ...process.env,
    ...(options.useDemoModel ? { MODEL_PATH: DEMO_MODEL } : {}),
    ...(options.logLevel === undefined ? {} : { LOG_LEVEL: options.logLevel }),
  };
  const { dataDir, port } = options;
  const supervisor = new Supervisor({
    groups: partsOf({ temporal, temporalPorts, namespace, dataDir, port, env }),
    log: new LogLines(process.stderr, process.stderr.isTTY, 9),
    mostDeaths: options.mostDeaths,
    graceMs: (config.shutdownGraceSeconds + 2) * 1000,
  });
  return {
    url: `http://${config.http.host === '0.0.0.0' ? '127.0.0.1' : config.http.host}:${port}`,
    temporalAddress:
      temporal.kind === 'running' ? temporal.address : `127.0.0.1:${temporalPorts.port}`,
    temporalUi:
      temporal.kind === 'running'
        ? config.http.temporalUiUrl
        : `http://127.0.0.1:${temporalPorts.uiPort}`,
    supervisor,
    stop: async () => {
      await supervisor.stop();
      await unlock();
    },
  };
}

/** Starts the parts; resolves when the service says itself that it is healthy. @throws GaveUp */
export async function startService({ supervisor, url }: Service): Promise<void> {
  await supervisor.start();
  await Promise.race([untilHealthy(url), supervisor.gaveUp]);
}

async function untilHealthy(url: string): Promise<void> {
  const deadline = Date.now() + HEALTH_LIMIT_MS;
  for (;;) {
    const status = await fetch(`${url}/health`).then(
      (response) => response.status,
      () => 0,
    );
    if (status === 200) return;
    if (Date.now() > deadline)
      throw new Error(`expected ${url}/health to be healthy within ${HEALTH_LIMIT_MS / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
