import { pino, type Logger } from 'pino';
import type { Config } from './config/config.js';

export type { Logger };

/** JSON lines on stdout, each with the part that wrote it. */
export function createLogger(part: string, level: Config['logLevel']): Logger {
  // Who reads the log may be gone, killed with no time to stop us: that must not keep this process from ending. Pino's own
  // destination waits for such a reader at exit; Node's stream reports an error, which is nobody's to handle.
  process.stdout.on('error', () => undefined);
  const options = { level, base: { part }, timestamp: pino.stdTimeFunctions.isoTime };
  return pino(options, process.stdout);
}
