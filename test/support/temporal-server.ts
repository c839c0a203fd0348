import { spawn } from 'node:child_process';
import { freePort } from '../../apps/standalone/ports.js';
import { programCacheDir } from '../../apps/standalone/temporal/cache-dir.js';
import { findTemporal } from '../../apps/standalone/temporal/find-temporal.js';
import { serverArguments } from '../../apps/standalone/temporal/server-arguments.js';
import { waitForTemporal } from '../../apps/standalone/temporal/wait-for-temporal.js';

export interface TestServer {
  readonly address: string;
  stop(): Promise<void>;
}

/** A real Temporal server of its own, on free ports; in memory unless given a file. */
export async function startTemporalServer(databaseFile: string | null = null): Promise<TestServer> {
  const found = await findTemporal({
    address: null,
    searchPath: process.env.PATH ?? '',
    cacheDir: programCacheDir,
    onStep: console.error,
  });
  if (found.kind !== 'program') throw new Error('expected a Temporal server to start');
  const port = await freePort();
  const plan = { port, uiPort: await freePort(), httpPort: await freePort(), databaseFile };
  const child = spawn(found.file, serverArguments(plan), { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const address = `127.0.0.1:${port}`;
  await waitForTemporal(address, 'default');
  return {
    address,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
