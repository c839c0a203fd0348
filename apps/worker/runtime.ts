import { Runtime } from '@temporalio/worker';
import { WORKER_HEARTBEAT_MS } from '../../libs/platform/fleet.js';
import type { Logger } from '../../libs/platform/logger.js';

/** Sets Temporal's native runtime up for this process: our log, our signals, heartbeats that show liveness in seconds. */
export function installRuntime(logger: Logger): void {
  const bridge = logger.child({ source: 'temporal' });
  type Meta = Record<string, unknown> | undefined;
  Runtime.install({
    shutdownSignals: [],
    workerHeartbeatInterval: WORKER_HEARTBEAT_MS,
    logger: {
      log: (level, message, meta: Meta) => {
        bridge[
          level === 'TRACE' || level === 'DEBUG' || level === 'INFO'
            ? 'debug'
            : level === 'WARN'
              ? 'warn'
              : 'error'
        ](meta ?? {}, message);
      },
      trace: (message, meta: Meta) => {
        bridge.trace(meta ?? {}, message);
      },
      debug: (message, meta: Meta) => {
        bridge.debug(meta ?? {}, message);
      },
      info: (message, meta: Meta) => {
        bridge.debug(meta ?? {}, message);
      },
      warn: (message, meta: Meta) => {
        bridge.warn(meta ?? {}, message);
      },
      error: (message, meta: Meta) => {
        bridge.error(meta ?? {}, message);
      },
    },
    telemetryOptions: { logging: { filter: { core: 'WARN', other: 'ERROR' }, forward: {} } },
  });
}
