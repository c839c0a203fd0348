import { loadConfig, parseConfig } from '../../libs/platform/config/config.js';
import { childEnvironment } from './child-environment.js';
import { emptyFolder, lockFolder } from './data-folder.js';
import { portToUse, urlOf } from './http-address.js';
import { partsOf } from './parts.js';
import { LogLines } from './supervisor/log-lines.js';
import { Supervisor } from './supervisor/supervisor.js';
import { chooseTemporal } from './temporal/choose-temporal.js';

const HEALTH_LIMIT_MS = 60_000;
/** What a part gets beyond its own limit for draining, before it is ended. */
const GRACE_MARGIN_MS = 2_000;

export interface ServiceOptions {
  readonly dataDir: string;
  /** Removes what earlier starts left in `dataDir`. */
  readonly isFresh?: boolean;
  /** 0 = any that is free. */
  readonly port: number;
  /** `host:port` of a Temporal server that runs; null = one of our own. */
  readonly temporalAddress: string | null;
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

/**
 * Plans the parts. They don't run yet: {@link startService} does that.
 *
 * @throws ConfigError when the port is taken
 * @throws Error when no Temporal server can be had, or another process has the data folder
 */
export async function prepareService(options: ServiceOptions): Promise<Service> {
  const { dataDir, onStep, useDemoModel, logLevel, mostDeaths } = options;
  const config = loadConfig();
  const graceMs = config.shutdownGraceSeconds * 1000 + GRACE_MARGIN_MS;
  const lock = await lockFolder(dataDir);
  try {
    // The parts of a supervisor that was killed may still be draining.
    const patienceMs = lock.wasStale ? graceMs : 0;
    const port = await portToUse(config.http.host, options.port, patienceMs);
    const temporal = await chooseTemporal(config, options.temporalAddress, dataDir, onStep);
    if (options.isFresh === true) await emptyFolder(dataDir);
    const settings = { temporal, dataDir, port, useDemoModel, logLevel };
    const env = childEnvironment(process.env, settings);
    const models = parseConfig(env).models.map(({ alias }) => alias);
    const groups = partsOf({ ownTemporal: temporal.own, dataDir, models, env });
    const longestName = Math.max(...groups.flat().map(({ name }) => name.length));
    const supervisor = new Supervisor({
      groups,
      log: new LogLines(process.stderr, process.stderr.isTTY, longestName),
      mostDeaths,
      graceMs,
    });
    const stop = async () => {
      await supervisor.stop();
      await lock.release();
    };
    const url = urlOf(config.http.host, port);
    return { url, temporalAddress: temporal.address, temporalUi: temporal.ui, supervisor, stop };
  } catch (error) {
    await lock.release();
    throw error;
  }
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
