import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { projectRoot } from './project-root.js';
import type { PartPlan } from './supervisor/part.js';
import type { FoundTemporal } from './temporal/find-temporal.js';
import { serverArguments } from './temporal/server-arguments.js';
import { waitForTemporal } from './temporal/wait-for-temporal.js';

export interface PartsPlan {
  readonly temporal: FoundTemporal;
  readonly temporalPorts: {
    readonly port: number;
    readonly uiPort: number;
    readonly httpPort: number;
  };
  readonly namespace: string;
  readonly dataDir: string;
  readonly port: number;
  /** What the children find in their environment besides this process's own. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The parts of the standalone service, in the order of their start. */
export function partsOf(plan: PartsPlan): readonly (readonly PartPlan[])[] {
  const { temporal, temporalPorts, namespace, dataDir } = plan;
  const address =
    temporal.kind === 'running' ? temporal.address : `127.0.0.1:${temporalPorts.port}`;
  const ui =
    temporal.kind === 'running'
      ? plan.env.TEMPORAL_UI_URL
      : `http://127.0.0.1:${temporalPorts.uiPort}`;
  const env = {
    ...plan.env,
    TEMPORAL_ADDRESS: address,
    TEMPORAL_UI_URL: ui,
    DATA_DIR: dataDir,
    PORT: String(plan.port),
  };
  const part = (name: string, entry: string, ...args: string[]): PartPlan => ({
    name,
    command: process.execPath,
    args: [path.join(projectRoot, 'dist', 'apps', entry), ...args],
    env,
  });
  const untilReady = () => waitForTemporal(address, namespace);
  const server: readonly PartPlan[] =
    temporal.kind === 'running' ? [] : [serverPart(temporal.file, plan, untilReady)];
  const workers = [
    part('media', 'worker/main.js', 'media'),
    part('inference', 'worker/main.js', 'inference'),
  ];
  return [server, workers, [part('api', 'api/main.js')]];
}

function serverPart(
  file: string,
  { temporalPorts, dataDir, env }: PartsPlan,
  untilReady: () => Promise<void>,
): PartPlan {
  const args = serverArguments({
    ...temporalPorts,
    databaseFile: path.join(dataDir, 'temporal.db'),
  });
  // The other parts notice by their channel that the supervisor was killed; this one has to be told by the kernel.
  const wrapper = isOnPath('setpriv', env.PATH ?? '')
    ? ['setpriv', '--pdeathsig', 'TERM', '--', file]
    : [file];
  const [command = file, ...before] = wrapper;
  return { name: 'temporal', command, args: [...before, ...args], env, untilReady, isQuiet: true };
}

function isOnPath(program: string, searchPath: string): boolean {
  return searchPath.split(path.delimiter).some((folder) => {
    try {
      accessSync(path.join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
