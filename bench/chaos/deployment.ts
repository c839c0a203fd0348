import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { parseConfig } from '../../libs/platform/config/config.js';
import { childEnvironment } from '../../apps/standalone/child-environment.js';
import { partsOf } from '../../apps/standalone/parts.js';
import { freePorts } from '../../apps/standalone/ports.js';
import { Supervisor } from '../../apps/standalone/supervisor/supervisor.js';
import { programCacheDir } from '../../apps/standalone/temporal/cache-dir.js';
import { findTemporal } from '../../apps/standalone/temporal/find-temporal.js';
import { waitForTemporal } from '../../apps/standalone/temporal/wait-for-temporal.js';
import type { PartPlan } from '../../apps/standalone/supervisor/part.js';
import { ActivityLog } from './activity-log.js';
import { s3Part, type S3Part } from './s3-part.js';

const GRACE_MS = 12_000;
const HEALTH_LIMIT_MS = 120_000;

/** Where blobs lie: in a folder, or in a bucket of an S3 server that is a part of the deployment. */
export type StoreKind = 'folder' | 's3';

export interface DeploymentPlan {
  readonly folder: string;
  readonly store?: StoreKind;
  readonly env?: Readonly<Record<string, string>>;
}

/** The standalone service's parts under its own supervisor, which starts again whatever dies, however often. */
export class Deployment {
  private constructor(
    readonly folder: string,
    readonly url: string,
    readonly temporalAddress: string,
    readonly supervisor: Supervisor,
    readonly log: ActivityLog,
    readonly s3: S3Part | null,
  ) {}

  /** Resolves when the service is healthy. */
  static async start({
    folder,
    store = 'folder',
    env: more = {},
  }: DeploymentPlan): Promise<Deployment> {
    const dataDir = path.join(folder, 'data');
    // Of the processes' own, so that what they leave there can be seen.
    const temporary = path.join(folder, 'tmp');
    const logs = path.join(folder, 'logs');
    for (const each of [dataDir, temporary, logs]) await mkdir(each, { recursive: true });
    const searchPath = process.env.PATH ?? '';
    const found = await findTemporal({
      ...{ address: null, searchPath, cacheDir: programCacheDir },
      onStep: () => undefined,
    });
    if (found.kind !== 'program') throw new Error('expected a Temporal server to start');
    const [port = 0, uiPort = 0, httpPort = 0, apiPort = 0] = await freePorts(4);
    const databaseFile = path.join(dataDir, 'temporal.db');
    const own = { file: found.file, port, uiPort, httpPort, databaseFile, namespace: 'default' };
    const address = `127.0.0.1:${port}`;
    const s3 = store === 's3' ? await s3Part(path.join(folder, 's3')) : null;
    const told = { ...more, ...s3?.env };
    const inherited = { ...process.env, TMPDIR: temporary, HOST: '127.0.0.1', ...told };
    const env = childEnvironment(inherited, {
      temporal: { address, ui: null, own },
      dataDir,
      port: apiPort,
      useDemoModel: true,
      logLevel: 'debug',
    });
    const models = parseConfig(env).models.map(({ alias }) => alias);
    const log = new ActivityLog(logs);
    const supervisor = new Supervisor({
      groups: withStore(partsOf({ ownTemporal: own, dataDir, models, env }), s3),
      log,
      mostDeaths: Infinity,
      graceMs: GRACE_MS,
    });
    const url = `http://127.0.0.1:${apiPort}`;
    const deployment = new Deployment(folder, url, address, supervisor, log, s3);
    try {
      await supervisor.start();
      await deployment.untilAnswers('/health', AbortSignal.timeout(HEALTH_LIMIT_MS));
    } catch (error) {
      await deployment.stop();
      throw error;
    }
    return deployment;
  }

  get dataDir(): string {
    return path.join(this.folder, 'data');
  }

  /** Resolves when the API answers a path with 200. */
  async untilAnswers(route: string, signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      const limit = AbortSignal.any([signal, AbortSignal.timeout(2_000)]);
      const status = await fetch(`${this.url}${route}`, { signal: limit }).then(
        async (response) => {
          await response.arrayBuffer();
          return response.status;
        },
        () => 0,
      );
      if (status === 200) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Resolves when the Temporal server answers. */
  untilServerAnswers(limitMs: number): Promise<void> {
    return waitForTemporal(this.temporalAddress, 'default', limitMs);
  }

  async stop(): Promise<void> {
    await this.supervisor.stop();
    await this.s3?.cleanUp();
  }
}

/** The store starts with the Temporal server, before all that need it, and ends after them. */
function withStore(groups: readonly PartPlan[][], s3: S3Part | null): readonly PartPlan[][] {
  const [servers = [], ...others] = groups;
  return [[...servers, ...(s3 === null ? [] : [s3.plan])], ...others];
}
