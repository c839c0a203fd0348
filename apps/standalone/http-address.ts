import { ConfigError } from '../../libs/platform/config/config.js';
import { freePort, untilFree } from './ports.js';

/**
 * The port to listen on.
 *
 * @param port 0 = any that is free
 * @param patienceMs how long it may still be taken
 * @throws ConfigError when it is taken
 */
export async function portToUse(host: string, port: number, patienceMs: number): Promise<number> {
  if (port === 0) return freePort();
  if (await untilFree(host, port, patienceMs)) return port;
  throw new ConfigError(
    `PORT: expected ${port} to be free on ${host}, but another program listens there; stop that one, or set another PORT`,
  );
}

/** Where a server that listens on `host` is reached from this machine. */
export function urlOf(host: string, port: number): string {
  const asked = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `http://${asked.includes(':') ? `[${asked}]` : asked}:${port}`;
}
