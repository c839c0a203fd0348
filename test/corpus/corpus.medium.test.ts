import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { childrenNamed } from '../medium/media-processes.js';
import { until } from '../support/until.js';
import { checkFile } from './check-file.js';
import { hostile, valid } from './corpus.js';
import { SetLure } from './lure.js';

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

const lure = await SetLure.set();
afterAll(() => lure.remove());

describe('a file made to break us', () => {
  it.each(hostile(lure))('$name', async ({ name, sentAs = name, bytes, expected }) => {
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

describe('what files refer to', () => {
  it('was neither read nor called', () => {
    expect(lure.taken).toEqual([]);
  });

  it('would tell', async () => {
    const control = await SetLure.set();
    readFileSync(control.file);
    connect(Number(new URL(control.server).port), '127.0.0.1').on('error', () => undefined);
    await until('a call', () => control.taken.length > 1);
    expect(control.taken).toEqual(['the file was read', 'the server was called']);
    await control.remove();
  });
});
