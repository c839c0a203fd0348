import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { childrenNamed } from '../medium/media-processes.js';
import { checkFile } from './check-file.js';
import { hostile, valid } from './corpus.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'corpus-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});
afterEach(() => {
  expect(childrenNamed('ffmpeg')).toEqual([]);
  expect(childrenNamed('ffprobe')).toEqual([]);
});

const secret = path.join(tmpdir(), 'corpus-secret.mp4');

describe('a file made to break us', () => {
  it.each(hostile(secret))('$name', async ({ name, sentAs = name, bytes, expected }) => {
    // Whatever it is called: the path of a file is never an option, a pattern or another protocol.
    const file = path.join(folder, sentAs);
    writeFileSync(file, await bytes());
    await checkFile(file, expected);
  });
});

describe('a file as people have them', () => {
  it.each(valid)('$name', async ({ name, bytes, expected }) => {
    const file = path.join(folder, name);
    writeFileSync(file, await bytes());
    await checkFile(file, expected);
  });
});
