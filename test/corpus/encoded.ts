import { spawnSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { codedPicture, ffmpeg } from '../medium/media-coded-video.js';

/** Encoded files are kept here by the hash of how they are made, so that the next run has them at once. */
const cache = fileURLToPath(new URL('../../node_modules/.cache/media-corpus/', import.meta.url));
const version = spawnSync('ffmpeg', ['-version']).stdout.toString().split('\n')[0] ?? '';

/**
 * The file that ffmpeg makes of the inputs, which `@0`, `@1`, … in the arguments stand for.
 * @param extension of the output, which decides its format unless the arguments do
 */
export function encoded(
  extension: string,
  args: readonly string[],
  ...inputs: readonly Uint8Array[]
): Uint8Array {
  const recipe = createHash('sha256').update(JSON.stringify([version, extension, args]));
  for (const input of inputs) recipe.update(createHash('sha256').update(input).digest());
  const kept = path.join(cache, `${recipe.digest('hex')}.${extension}`);
  if (existsSync(kept)) return readFileSync(kept);
  const folder = mkdtempSync(path.join(tmpdir(), 'corpus-encode-'));
  try {
    const files = inputs.map((bytes, i) => {
      const file = path.join(folder, String(i));
      writeFileSync(file, bytes);
      return file;
    });
    const output = path.join(folder, `out.${extension}`);
    ffmpeg([
      ...args.map((arg) => arg.replace(/^@(\d)$/, (_, i: string) => files[Number(i)] ?? '')),
      output,
    ]);
    mkdirSync(cache, { recursive: true });
    const unfinished = path.join(cache, randomUUID());
    writeFileSync(unfinished, readFileSync(output));
    renameSync(unfinished, kept);
    return readFileSync(kept);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export interface CodedOptions {
  readonly count?: number;
  readonly width?: number;
  readonly height?: number;
  readonly rate?: string;
  readonly first?: number;
}

/** A video of pictures that tell their numbers. */
export function coded(
  extension: string,
  output: readonly string[],
  { count = 50, width = 160, height = 120, rate = '25', first = 0 }: CodedOptions = {},
): Uint8Array {
  const pictures = Array.from(
    { length: count },
    (_, i) => codedPicture((first + i) % 4096, width, height).data,
  );
  const raw = ['-f', 'rawvideo', '-pix_fmt', 'gray', '-video_size', `${width}x${height}`];
  return encoded(
    extension,
    [...raw, '-framerate', rate, '-i', '@0', ...output],
    Buffer.concat(pictures),
  );
}
