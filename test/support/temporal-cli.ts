import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { programCacheDir } from '../../apps/standalone/temporal/cache-dir.js';
import { findTemporal } from '../../apps/standalone/temporal/find-temporal.js';

const run = promisify(execFile);

/** Runs Temporal's own command line against a server, as an operator would; resolves with what it prints. */
export async function temporalCli(address: string, ...args: readonly string[]): Promise<string> {
  const found = await findTemporal({
    address: null,
    searchPath: process.env.PATH ?? '',
    cacheDir: programCacheDir,
    onStep: console.error,
  });
  if (found.kind !== 'program') throw new Error('expected the temporal program');
  const { stdout } = await run(found.file, [...args, '--address', address]);
  return stdout;
}
