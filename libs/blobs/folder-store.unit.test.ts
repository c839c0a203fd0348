import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FolderStore } from './folder-store.js';

describe('FolderStore', () => {
  let root: string;
  let store: FolderStore;

  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'folder-store-'));
    store = await FolderStore.open(root);
  });
  afterEach(() => rm(root, { recursive: true }));

  it('gives back what was put, and null for what was not', async () => {
    await store.put('runs/a/result.json', Buffer.from('{}'));
    expect(Buffer.from((await store.get('runs/a/result.json')) ?? []).toString()).toBe('{}');
    expect(await store.size('runs/a/result.json')).toBe(2);
    expect(await store.get('runs/b/result.json')).toBeNull();
    expect(await store.read('runs/b/result.json')).toBeNull();
    expect(await store.local('runs/b/result.json')).toBeNull();
  });

  it('names a stream by the hash of its bytes', async () => {
    const source = Readable.from([Buffer.from('ab'), Buffer.from('c')]);
    const stored = await store.putByHash(source, (sha256) => `media/${sha256}`);
    expect(stored).toEqual({
      sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
      bytes: 3,
    });
    expect(await store.size(`media/${stored.sha256}`)).toBe(3);
  });

  it('leaves nothing behind when the stream breaks', async () => {
    const source = Readable.from(
      (async function* () {
        yield Buffer.from('half');
        await Promise.resolve();
        throw new Error('connection lost');
      })(),
    );
    await expect(store.putByHash(source, (sha256) => `media/${sha256}`)).rejects.toThrow(
      'connection lost',
    );
    expect(await readdir(path.join(root, '.incoming'))).toEqual([]);
    expect(await readdir(root)).toEqual(['.incoming']);
  });

  it.each(['', '../secret', 'a//b', '/etc/passwd', 'a/../../b', '.incoming/x', 'a\0b'])(
    'refuses the key %j',
    async (key) => {
      await expect(store.get(key)).rejects.toThrow(RangeError);
    },
  );
});
