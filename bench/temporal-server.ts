import { spawn } from 'node:child_process';
import { freePort } from '../apps/standalone/ports.js';
import { programCacheDir } from '../apps/standalone/temporal/cache-dir.js';
import { findTemporal } from '../apps/standalone/temporal/find-temporal.js';
import { serverArguments } from '../apps/standalone/temporal/server-arguments.js';
import { waitForTemporal } from '../apps/standalone/temporal/wait-for-temporal.js';

export interface BenchServer {
  readonly address: string;
  readonly pid: number | undefined;
  stop(): Promise<void>;
}

/** A Temporal server of its own, as the standalone service starts it. */
export async function startServer(databaseFile: string): Promise<BenchServer> {
  const found = await findTemporal({
    address: null,
    searchPath: process.env.PATH ?? '',
    cacheDir: programCacheDir,
    onStep: console.error,
  });
  if (found.kind !== 'program') throw new Error('expected a Temporal server to start');
  const ports = { port: await freePort(), uiPort: await freePort(), httpPort: await freePort() };
  const server = spawn(found.file, serverArguments({ ...ports, databaseFile }), {
    stdio: 'ignore',
  });
  const ended = new Promise((resolve) => server.once('exit', resolve));
  const address = `127.0.0.1:${ports.port}`;
  await waitForTemporal(address, 'default');
  return {
    address,
    pid: server.pid,
    stop: async () => {
      server.kill('SIGTERM');
      await ended;
    },
  };
}
