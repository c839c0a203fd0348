import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { childrenNamed } from '../medium/media-processes.js';
import { checkFile } from './check-file.js';
import { valid } from './corpus.js';

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

describe('a file as people have them', () => {
  it.each(valid)('$name', async ({ name, bytes, expected }) => {
    const file = path.join(folder, name);
    writeFileSync(file, await bytes());
    await checkFile(file, expected);
  });
});
