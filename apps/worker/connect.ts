import { setTimeout as sleep } from 'node:timers/promises';
import { NativeConnection, TransportError, type NativeConnectionOptions } from '@temporalio/worker';
import type { Logger } from '../../libs/platform/logger.js';

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Connects to the Temporal server, and waits for it for as long as it is away: a worker that ended instead would be started
 * again and again until somebody gives up on it.
 *
 * @throws the signal's reason once aborted
 */
export async function connect(
  options: NativeConnectionOptions,
  logger: Logger,
  signal: AbortSignal,
): Promise<NativeConnection> {
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(LONGEST_PAUSE_MS, 2 * pause)) {
    signal.throwIfAborted();
    try {
      return await NativeConnection.connect(options);
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      logger.warn(
        { address: options.address, againInMs: pause },
        'the Temporal server does not answer; trying again',
      );
      await sleep(pause, undefined, { signal }).catch(() => undefined);
    }
  }
}
