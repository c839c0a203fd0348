import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { programCacheDir } from '../../apps/standalone/temporal/cache-dir.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Python with PyTorch, installed where it is not there yet. */
export function pythonEnvironment(): string {
  console.log('Looking for the Python environment of the tools …');
  return output('bash', [path.join(root, 'tools/demo-model/environment.sh')]);
}

/** A checkpoint of base size with random weights; made once, and kept: 371 MB that always come out the same. */
export function baseCheckpoint(python: string): string {
  const folder = path.join(programCacheDir, 'bench-base');
  if (!existsSync(path.join(folder, 'model.safetensors'))) {
    console.log('Making a checkpoint of base size …');
    output(python, [path.join(root, 'tools/golden/make_checkpoint.py'), folder, 'base']);
  }
  return folder;
}

function output(program: string, args: readonly string[]): string {
  const { status, stdout } = spawnSync(program, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error(`expected ${program} ${args.join(' ')} to succeed`);
  return stdout.trim();
}
