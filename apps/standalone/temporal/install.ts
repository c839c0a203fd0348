import { programCacheDir } from './cache-dir.js';
import { findTemporal } from './find-temporal.js';

/** Makes sure that there is a Temporal server to start: `node dist/apps/standalone/temporal/install.js`. */
try {
  const found = await findTemporal({
    address: null,
    searchPath: process.env.PATH ?? '',
    cacheDir: programCacheDir,
    onStep: console.error,
  });
  if (found.kind === 'program') console.log(`${found.file} (from ${found.from})`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
