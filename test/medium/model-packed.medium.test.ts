import { mkdtemp, open, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Scores } from '../../libs/model/engine.js';
import { probePicture } from '../../libs/model/probe-pictures.js';
import { loadEngine } from '../support/local-engine.js';

const checkpoint = fileURLToPath(new URL('../fixtures/golden/tiny-f32/', import.meta.url));

let cacheDir: string;
let notices: string[];
beforeEach(async () => {
  cacheDir = await mkdtemp(path.join(tmpdir(), 'packed-'));
  notices = [];
});
afterEach(() => rm(cacheDir, { recursive: true }));

async function answer(dtype: 'fp32' | 'int8-fast' = 'fp32', folder = cacheDir): Promise<Scores> {
  const onNotice = (notice: string) => notices.push(notice);
  const engine = await loadEngine(checkpoint, { cacheDir: folder, dtype, onNotice });
  try {
    return await engine.score(probePicture(3, engine.description.inputSize), 1);
  } finally {
    await engine.close();
  }
}

async function packedFolders(): Promise<string[]> {
  const names = (await readdir(cacheDir)).filter((name) => name.includes('.packed'));
  return names.map((name) => path.join(cacheDir, name));
}

async function weights(): Promise<string> {
  const [folder = ''] = await packedFolders();
  return path.join(folder, 'weights.bin');
}

describe('weights as the processor reads them', () => {
  it('are made once, and give the same scores from then on, to the last bit', async () => {
    const first = await answer();
    const { mtimeMs, ino } = await stat(await weights());
    expect(await answer()).toEqual(first);
    expect(await stat(await weights())).toMatchObject({ mtimeMs, ino });
    expect(await packedFolders()).toHaveLength(1);
    expect(notices).toEqual([]);
  });

  it('are made once by several that load at the same time', async () => {
    const [first, ...others] = await Promise.all([answer(), answer(), answer()]);
    for (const other of others) expect(other).toEqual(first);
    expect(await packedFolders()).toHaveLength(1);
    expect(notices).toEqual([]);
  });

  it.each(['fp32', 'int8-fast'] as const)('of %s are made anew when damaged', async (dtype) => {
    const sound = await answer(dtype);
    // Where weights are rounded anew, that is told.
    notices = [];
    const folders = await packedFolders();
    for (const folder of folders) await overwrite(path.join(folder, 'weights.bin'));
    expect(await answer(dtype)).toEqual(sound);
    expect(notices).toEqual([
      expect.stringMatching(/is damaged and is made anew: .* expected the answer/),
    ]);
    notices = [];
    expect(await answer(dtype)).toEqual(sound);
    expect(notices).toEqual([]);
  });

  it('are made anew when cut off', async () => {
    const sound = await answer();
    await truncate(await weights(), 4096);
    expect(await answer()).toEqual(sound);
    expect(notices).toEqual([expect.stringContaining('is damaged and is made anew')]);
  });

  it('are made anew when nothing says what they answer', async () => {
    const sound = await answer();
    const [folder = ''] = await packedFolders();
    await writeFile(path.join(folder, 'answer.json'), '');
    expect(await answer()).toEqual(sound);
    expect((await stat(path.join(folder, 'answer.json'))).size).toBeGreaterThan(0);
    expect(await packedFolders()).toEqual([folder]);
    expect(notices).toEqual([]);
  });

  it('are done without, and it is said, where they can not be kept', async () => {
    const packed = await answer();
    const file = path.join(cacheDir, 'a-file');
    await writeFile(file, 'no folder');
    const { fakeProbabilities } = await answer('fp32', path.join(file, 'weights'));
    expect(fakeProbabilities[0]).toBeCloseTo(packed.fakeProbabilities[0] ?? NaN, 6);
    expect(notices).toEqual([
      expect.stringContaining('could not be kept as this processor reads them'),
    ]);
  });
});

/** As a disk that loses a block, over and over. */
async function overwrite(file: string): Promise<void> {
  const { size } = await stat(file);
  const handle = await open(file, 'r+');
  try {
    for (let at = 0; at < size; at += 8192) await handle.write(Buffer.alloc(512, 0x3f), 0, 512, at);
  } finally {
    await handle.close();
  }
}
