import path from 'node:path';
import { DEFAULT_MODEL } from '../../workflows/contracts/queues.js';
import { INFERENCE_ENVIRONMENT } from './inference-environment.js';
import { MEDIA_ENVIRONMENT } from './media-environment.js';
import { projectRoot } from './project-root.js';
import type { PartPlan } from './supervisor/part.js';
import type { OwnTemporal } from './temporal/choose-temporal.js';
import { noteServer } from './temporal/leftover-server.js';
import { serverArguments } from './temporal/server-arguments.js';
import { tiedToParent } from './temporal/server-command.js';
import { waitForTemporal } from './temporal/wait-for-temporal.js';

export interface PartsPlan {
  /** Null where one runs already. */
  readonly ownTemporal: OwnTemporal | null;
  readonly dataDir: string;
  /** Aliases of the models, each of which gets a process of its own. */
  readonly models: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The parts of the standalone service, in the order of their start. */
export function partsOf({ ownTemporal, dataDir, models, env }: PartsPlan): PartPlan[][] {
  // The API alone has to know who may ask.
  const others = { ...env, API_KEYS: undefined };
  const part = (name: string, entry: string, ...args: string[]): PartPlan => ({
    name,
    command: process.execPath,
    args: [path.join(projectRoot, 'dist', 'apps', entry), ...args],
    env: entry.startsWith('api/') ? env : others,
  });
  const worker = (defaults: PartsPlan['env'], name: string, ...args: string[]): PartPlan => {
    const plain = part(name, 'worker/main.js', ...args);
    return { ...plain, env: { ...defaults, ...plain.env } };
  };
  const workers = [
    worker(MEDIA_ENVIRONMENT, 'media', 'media'),
    ...models.map((alias) =>
      worker(INFERENCE_ENVIRONMENT, inferenceName(alias), 'inference', alias),
    ),
  ];
  const server = ownTemporal === null ? [] : [serverPart(ownTemporal, dataDir, others)];
  return [server, workers, [part('api', 'api/main.js')]];
}

const inferenceName = (alias: string): string =>
  alias === DEFAULT_MODEL ? 'inference' : `inference-${alias}`;

function serverPart(server: OwnTemporal, dataDir: string, env: PartsPlan['env']): PartPlan {
  return {
    name: 'temporal',
    ...tiedToParent(server.file, serverArguments(server), env.PATH ?? ''),
    env,
    untilReady: () => waitForTemporal(`127.0.0.1:${server.port}`, server.namespace),
    onStart: (pid) => {
      noteServer(dataDir, pid);
    },
    isQuiet: true,
  };
}
