import type { NativeConnection, WorkerDeploymentOptions, WorkerOptions } from '@temporalio/worker';
import { hostname } from 'node:os';
import type { WorkerVersionConfig } from '../../../libs/platform/config/config.js';
import { formatIdentity, type WorkerIdentity } from '../../../libs/platform/worker-identity.js';
import { FailureCodes } from '../activities/failures.js';
import { OutcomeLog } from '../activities/outcome-log.js';
import type { RoleContext } from './context.js';

interface Common {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly identity: string;
  readonly shutdownGraceTime: number;
  readonly shutdownForceTime: number;
  readonly workerDeploymentOptions?: WorkerDeploymentOptions;
}

/** What all workers of a process share. */
export function commonOptions(
  context: RoleContext,
  identity: Omit<WorkerIdentity, 'host' | 'pid'>,
): Common {
  const { workerVersion } = context.config;
  const grace = context.config.shutdownGraceSeconds * 1000;
  return {
    connection: context.connection,
    namespace: context.namespace,
    identity: formatIdentity({ ...identity, host: hostname(), pid: process.pid }),
    // Activities get half of the grace to finish, then are cancelled and get the rest to clean up.
    shutdownGraceTime: grace / 2,
    shutdownForceTime: grace,
    // What only shows that a model is being loaded has no tasks to give to one build or another.
    ...(workerVersion === null || identity.state === 'loading'
      ? {}
      : { workerDeploymentOptions: deploymentOptions(workerVersion) }),
  };
}

/** Activities go with their run: one that is pinned has all of its work done by workers of its own build. */
function deploymentOptions({
  deploymentName,
  buildId,
  behavior,
}: WorkerVersionConfig): WorkerDeploymentOptions {
  return {
    version: { deploymentName, buildId },
    useWorkerVersioning: true,
    defaultVersioningBehavior: behavior === 'pinned' ? 'PINNED' : 'AUTO_UPGRADE',
  };
}

/** Options of workers that run activities. */
export const activityOptions = {
  interceptors: {
    activity: [() => ({ inbound: new FailureCodes() }), () => ({ inbound: new OutcomeLog() })],
  },
  // A cancel is told with a heartbeat's answer: the default throttle would let it wait for seconds.
  maxHeartbeatThrottleInterval: '500ms',
} satisfies Pick<WorkerOptions, 'interceptors' | 'maxHeartbeatThrottleInterval'>;
