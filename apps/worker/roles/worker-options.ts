import type { NativeConnection, WorkerOptions } from '@temporalio/worker';
import { hostname } from 'node:os';
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
}

/** What all workers of a process share. */
export function commonOptions(
  context: RoleContext,
  identity: Omit<WorkerIdentity, 'host' | 'pid'>,
): Common {
  const grace = context.config.shutdownGraceSeconds * 1000;
  return {
    connection: context.connection,
    namespace: context.namespace,
    identity: formatIdentity({ ...identity, host: hostname(), pid: process.pid }),
    // Activities get half of the grace to finish, then are cancelled and get the rest to clean up.
    shutdownGraceTime: grace / 2,
    shutdownForceTime: grace,
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
