import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FolderStore } from '../../../libs/blobs/folder-store.js';
import { mediaKey } from '../../../workflows/contracts/blob-keys.js';
import { storeMedium } from './store-medium.js';

const png = Buffer.concat([
  Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13]),
  Buffer.from('IHDR'),
  Buffer.alloc(20_000),
]);
async function* inChunks(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size)
    yield await Promise.resolve(bytes.subarray(at, at + size));
}

describe('storeMedium', () => {
  let folder: string;
  let blobs: FolderStore;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'store-medium-'));
    blobs = await FolderStore.open(folder);
  });
  afterAll(async () => {
    await blobs.close();
    await rm(folder, { recursive: true });
  });

  it.each([3, 5_000, 50_000])(
    'stores a medium as it is and says what it is, in chunks of %d bytes',
    async (size) => {
      const stored = await storeMedium(blobs, inChunks(png, size), mediaKey);
      expect(stored).toMatchObject({ kind: 'file', bytes: png.length });
      expect(stored.contentType).toMatch(/^image\/a?png$/);
      expect(Buffer.from((await blobs.get(stored.key))!)).toEqual(png);
    },
  );

  it('says nothing of what it does not know', async () => {
    const noise = Buffer.from('no medium');
    expect((await storeMedium(blobs, inChunks(noise, 4), mediaKey)).contentType).toBeNull();
  });
});
