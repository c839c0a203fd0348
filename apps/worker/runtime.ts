import { Runtime } from '@temporalio/worker';
import { WORKER_HEARTBEAT_MS } from '../../libs/platform/fleet.js';
import type { Logger } from '../../libs/platform/logger.js';

/** The native runtime's news are for us, not for an operator. */
const LEVELS = {
  TRACE: 'trace',
  DEBUG: 'debug',
  INFO: 'debug',
  WARN: 'warn',
  ERROR: 'error',
} as const;

/**
 * What Temporal warns of and is meant so: a worker of ours has workflows or activities, never both; and a file that can't
 * be judged is its sender's trouble, shown in Temporal's UI and in the answer.
 */
const EXPECTED = /^No (activities|workflows) registered|^(Activity|Workflow) failed$/;

const levelOf = (level: keyof typeof LEVELS, message: string) =>
  EXPECTED.test(message) ? 'debug' : LEVELS[level];

/** Sets Temporal's native runtime up for this process: our log, our signals, heartbeats that show liveness in seconds. */
export function installRuntime(logger: Logger): void {
  const bridge = logger.child({ source: 'temporal' });
  type Meta = Record<string, unknown> | undefined;
  Runtime.install({
    shutdownSignals: [],
    workerHeartbeatInterval: WORKER_HEARTBEAT_MS,
    logger: {
      log: (level, message, meta: Meta) => {
        bridge[levelOf(level, message)](meta ?? {}, message);
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
        bridge[levelOf('WARN', message)](meta ?? {}, message);
      },
      error: (message, meta: Meta) => {
        bridge.error(meta ?? {}, message);
      },
    },
    telemetryOptions: { logging: { filter: { core: 'WARN', other: 'ERROR' }, forward: {} } },
  });
}
