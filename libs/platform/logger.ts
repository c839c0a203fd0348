import { pino, type Logger } from 'pino';
import type { Config } from './config/config.js';

export type { Logger };

/** JSON lines on stdout, each with the part that wrote it. */
export function createLogger(part: string, level: Config['logLevel']): Logger {
  return pino({ level, base: { part }, timestamp: pino.stdTimeFunctions.isoTime });
}
