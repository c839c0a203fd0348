import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { emptyFolder, LOCK_FILE, lockFolder } from './data-folder.js';
import { markOf } from '../../libs/platform/process-mark.js';

describe('lockFolder', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'lock-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('keeps a folder to one, names that one, and frees it', async () => {
    const lock = await lockFolder(folder);
    expect(lock.wasStale).toBe(false);
    await expect(lockFolder(folder)).rejects.toThrow(`process ${process.pid} has it`);
    await lock.release();
    await (await lockFolder(folder)).release();
    expect(await readdir(folder)).toEqual([]);
  });

  it.each([
    ['of a process that had the ID of one that runs now', { ...markOf(1), started: 'long ago' }],
    ['of a process that is gone', { pid: 2 ** 22 + 1, started: 'x' }],
    ['that is no lock', 'rubbish'],
  ])('takes over a lock %s', async (_what, content) => {
    await writeFile(path.join(folder, LOCK_FILE), JSON.stringify(content));
    expect((await lockFolder(folder)).wasStale).toBe(true);
  });

  it('gives a stale lock to exactly one of many', async () => {
    await writeFile(
      path.join(folder, LOCK_FILE),
      JSON.stringify({ pid: 2 ** 22 + 1, started: '' }),
    );
    const all = await Promise.allSettled(Array.from({ length: 20 }, () => lockFolder(folder)));
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('stays locked while it is emptied', async () => {
    await lockFolder(folder);
    await mkdir(path.join(folder, 'blobs'));
    await writeFile(path.join(folder, 'blobs', 'x'), '');
    await emptyFolder(folder);
    expect(await readdir(folder)).toEqual([LOCK_FILE]);
  });
});
