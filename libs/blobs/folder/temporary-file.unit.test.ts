import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { removeFilesOfTheDead, temporaryFile } from './temporary-file.js';

describe.runIf(process.platform === 'linux')('temporary files', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'temporary-file-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const inFolder = () => readdir(folder);
  const changed = (place: number, value: string) => {
    const parts = path.basename(temporaryFile(folder)).split('.');
    parts[place] = value;
    return writeFile(path.join(folder, parts.join('.')), '');
  };

  it('are left alone while their writer runs', async () => {
    await writeFile(temporaryFile(folder), '');
    expect(await removeFilesOfTheDead(folder)).toBe(0);
    expect(await inFolder()).toHaveLength(1);
  });

  it('are removed once their writer was killed', async () => {
    const child = spawn('sleep', ['60']);
    await changed(1, String(child.pid));
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await removeFilesOfTheDead(folder)).toBe(1);
    expect(await inFolder()).toEqual([]);
  });

  it('are removed where another process has the ID of their writer', async () => {
    await changed(2, '1');
    expect(await removeFilesOfTheDead(folder)).toBe(1);
  });

  it('of another machine, of a container or of nobody known are left alone', async () => {
    await changed(0, '0123456789abcdef');
    await writeFile(path.join(folder, 'something'), '');
    expect(await removeFilesOfTheDead(folder)).toBe(0);
    expect(await inFolder()).toHaveLength(2);
  });
});
