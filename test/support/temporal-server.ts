import { spawn } from 'node:child_process';
import { freePorts } from '../../apps/standalone/ports.js';
import { programCacheDir } from '../../apps/standalone/temporal/cache-dir.js';
import { findTemporal } from '../../apps/standalone/temporal/find-temporal.js';
import { serverArguments } from '../../apps/standalone/temporal/server-arguments.js';
import { waitForTemporal } from '../../apps/standalone/temporal/wait-for-temporal.js';

export interface TestServer {
  readonly address: string;
  stop(): Promise<void>;
}

/** A port that was free a moment ago may be taken by any other program's connection. */
const ATTEMPTS = 3;

/** A real Temporal server of its own, on free ports; in memory unless given a file. */
export async function startTemporalServer(databaseFile: string | null = null): Promise<TestServer> {
  const found = await findTemporal({
    address: null,
    searchPath: process.env.PATH ?? '',
    cacheDir: programCacheDir,
    onStep: console.error,
  });
  if (found.kind !== 'program') throw new Error('expected a Temporal server to start');
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startOnce(found.file, databaseFile);
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
      console.error(`attempt ${attempt} to start a Temporal server failed`, error);
    }
  }
}

async function startOnce(program: string, databaseFile: string | null): Promise<TestServer> {
  const [port = 0, uiPort = 0, httpPort = 0] = await freePorts(3);
  const plan = { port, uiPort, httpPort, databaseFile };
  const child = spawn(program, serverArguments(plan), { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-2_000)));
  let isOver = false;
  const ended = new Promise<void>((resolve) =>
    child.once('exit', () => {
      isOver = true;
      resolve();
    }),
  );
  const stop = async () => {
    if (!isOver) child.kill('SIGTERM');
    await ended;
  };
  const address = `127.0.0.1:${port}`;
  try {
    await Promise.race([
      waitForTemporal(address, 'default'),
      ended.then(() => Promise.reject(new Error('it ended at once'))),
    ]);
  } catch (error) {
    await stop();
    throw new Error(`expected the Temporal server to start; it said: ${said}`, { cause: error });
  }
  return { address, stop };
}
