import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { CopyObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BlobStore } from '../../libs/blobs/blob-store.js';
import { FolderStore } from '../../libs/blobs/folder-store.js';
import { S3Store } from '../../libs/blobs/s3-store.js';
import { S3_ENVIRONMENT, S3Server } from '../support/s3-server.js';
import { TcpLink } from '../support/tcp-link.js';
import { until } from '../support/until.js';

const BUCKET = 'blob-store';
const PREFIX = 'some/prefix/';
const MEGABYTE = 1024 * 1024;
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const text = (bytes: Uint8Array | null) => (bytes === null ? null : Buffer.from(bytes).toString());
const collect = async (stream: Readable | null) => Buffer.concat((await stream?.toArray()) ?? []);
const mediaKey = (hash: string) => `media/${hash}`;
/** A stream in chunks that fit no part. */
const inChunks = (bytes: Buffer, size = 300_001) =>
  Readable.from(
    (function* () {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
    })(),
  );

/** A store and what a test does to it behind its back. */
interface Subject {
  readonly store: BlobStore;
  /** Blobs that the store has told to be damaged. */
  readonly damaged: string[];
  /** Changes a blob's bytes and nothing else that is known of it. */
  damage(key: string, bytes: Buffer): Promise<void>;
  /** Puts a blob there as a release before this one, or another tool, would have. */
  putForeign(key: string, bytes: Buffer): Promise<void>;
}

let folder: string;
let server: S3Server;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'blob-store-'));
  Object.assign(process.env, S3_ENVIRONMENT);
  server = await S3Server.start(path.join(folder, 's3'));
  await server.createBucket(BUCKET);
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

const openS3 = (damaged: string[] = [], changes: object = {}, maxBytes = 64 * MEGABYTE) =>
  S3Store.open(
    {
      bucket: BUCKET,
      endpoint: server.endpoint,
      region: 'us-east-1',
      prefix: PREFIX,
      forcePathStyle: true,
      maxAttempts: 4,
      timeoutMs: 20_000,
      partBytes: 8 * MEGABYTE,
      ...changes,
    },
    { folder: path.join(folder, 'copies'), maxBytes },
    ({ key }) => damaged.push(key),
  );

const makers: Readonly<Record<string, () => Promise<Subject>>> = {
  FolderStore: async () => {
    const root = path.join(folder, 'blobs');
    const damaged: string[] = [];
    const write = async (key: string, bytes: Buffer) => {
      await writeFile(path.join(root, key), bytes);
    };
    const store = await FolderStore.open(root, ({ key }) => damaged.push(key));
    return { store, damaged, damage: write, putForeign: write };
  },
  S3Store: async () => {
    const damaged: string[] = [];
    const client = server.client();
    const put = async (key: string, Body: Buffer, Metadata: Record<string, string>) => {
      await client.send(
        new PutObjectCommand({ Bucket: BUCKET, Key: PREFIX + key, Body, Metadata }),
      );
    };
    const store = await openS3(damaged);
    return {
      store,
      damaged,
      damage: async (key, bytes) => {
        const right = sha256((await store.get(key)) ?? Buffer.alloc(0));
        await put(key, bytes, { sha256: right });
      },
      putForeign: (key, bytes) => put(key, bytes, {}),
    };
  },
};

describe.each(Object.entries(makers))('%s', (_name, make) => {
  let subject: Subject;
  let store: BlobStore;
  beforeAll(async () => {
    subject = await make();
    ({ store } = subject);
  });
  afterAll(() => store.close());

  it('gives back what was put, and null for what was not', async () => {
    await store.put('runs/a/result.json', Buffer.from('{}'));
    expect(text(await store.get('runs/a/result.json'))).toBe('{}');
    expect(await store.size('runs/a/result.json')).toBe(2);
    await store.put('runs/a/result.json', Buffer.from('{"b":1}'));
    expect(text(await store.get('runs/a/result.json'))).toBe('{"b":1}');
    expect(await store.get('runs/b/result.json')).toBeNull();
    expect(await store.size('runs/b/result.json')).toBeNull();
    expect(await store.read('runs/b/result.json')).toBeNull();
    expect(await store.local('runs/b/result.json')).toBeNull();
    expect(await store.renew('runs/b/result.json')).toBe(false);
  });

  it('streams a blob, or a part of it', async () => {
    const bytes = randomBytes(3 * MEGABYTE);
    await store.put('crops/one', bytes);
    expect((await collect(await store.read('crops/one'))).equals(bytes)).toBe(true);
    const part = await collect(await store.read('crops/one', { start: 1_000_000, end: 1_999_999 }));
    expect(part.equals(bytes.subarray(1_000_000, 2_000_000))).toBe(true);
    const last = await collect(
      await store.read('crops/one', { start: bytes.length - 5, end: 1e9 }),
    );
    expect(last.equals(bytes.subarray(-5))).toBe(true);
    const beyond = store.read('crops/one', { start: bytes.length, end: bytes.length });
    await expect(beyond).rejects.toThrow(RangeError);
  });

  it('names a stream by the hash of its bytes, whatever its size', async () => {
    for (const size of [0, 3, 8 * MEGABYTE, 20 * MEGABYTE + 1]) {
      const bytes = randomBytes(size);
      const stored = await store.putByHash(inChunks(bytes), mediaKey);
      expect(stored).toEqual({ sha256: sha256(bytes), bytes: size });
      const found = await store.get(mediaKey(stored.sha256));
      expect(found !== null && Buffer.compare(found, bytes) === 0, `${size} bytes`).toBe(true);
      // Again, over what is there.
      expect(await store.putByHash(inChunks(bytes), mediaKey)).toEqual(stored);
    }
    const leftovers = await store.removeLeftovers(new Date(Date.now() + 60_000), true);
    expect(leftovers).toEqual({ count: 0, bytes: 0 });
  });

  it('leaves nothing behind when the stream breaks, early or late', async () => {
    for (const size of [10, 20 * MEGABYTE]) {
      const source = Readable.from(
        (async function* () {
          yield randomBytes(size);
          await Promise.resolve();
          throw new Error('connection lost');
        })(),
      );
      await expect(store.putByHash(source, mediaKey)).rejects.toThrow('connection lost');
    }
    expect(await store.removeLeftovers(new Date(Date.now() + 60_000), true)).toEqual({
      count: 0,
      bytes: 0,
    });
  });

  it('keeps nothing of bytes that are refused by their hash', async () => {
    const refuse = () => {
      throw new Error('another hash was expected');
    };
    for (const size of [10, 20 * MEGABYTE]) {
      const refused = store.putByHash(inChunks(randomBytes(size)), refuse);
      await expect(refused).rejects.toThrow('another hash was expected');
    }
    expect(await store.removeLeftovers(new Date(Date.now() + 60_000), true)).toEqual({
      count: 0,
      bytes: 0,
    });
  });

  it('takes 100 MB and gives them back as a local file', async () => {
    const bytes = randomBytes(100 * MEGABYTE);
    const { sha256: hash } = await store.putByHash(inChunks(bytes), mediaKey);
    const [first, second] = await Promise.all([
      store.local(mediaKey(hash)),
      store.local(mediaKey(hash)),
    ]);
    // One copy for both.
    expect(second?.path).toBe(first?.path);
    await first?.release();
    expect((await readFile(second!.path)).equals(bytes)).toBe(true);
    await second?.release();
    await store.delete([mediaKey(hash)]);
    expect(await store.local(mediaKey(hash))).toBeNull();
  });

  it('lets one win of many that write a name at once', async () => {
    const tries = Array.from({ length: 20 }, (_, i) => Buffer.from(`writer ${i}`));
    const won = await Promise.all(tries.map((bytes) => store.putOnce('runs/race/result', bytes)));
    expect(won.filter(Boolean)).toHaveLength(1);
    expect(text(await store.get('runs/race/result'))).toBe(`writer ${won.indexOf(true)}`);
    // Whoever writes the very same bytes has them there.
    expect(await store.putOnce('runs/race/result', tries[won.indexOf(true)]!)).toBe(true);
  });

  it('shows a reader whole blobs while they are written over', async () => {
    const versions = Array.from({ length: 20 }, (_, i) => Buffer.alloc(200_000, i));
    await store.put('runs/over/samples.json', versions[0]!);
    const writing = (async () => {
      for (const version of versions) await store.put('runs/over/samples.json', version);
    })();
    for (let i = 0; i < 20; i += 1) {
      const seen = await store.get('runs/over/samples.json');
      expect(seen?.length).toBe(200_000);
      expect(new Set(seen).size).toBe(1);
    }
    await writing;
    expect(subject.damaged).toEqual([]);
  });

  it('takes a damaged blob for none, tells of it and lets it be made anew', async () => {
    const bytes = Buffer.from('{"p": [0.25, 0.75]}');
    await store.put('runs/d/scores.json', bytes);
    await subject.damage('runs/d/scores.json', bytes.subarray(0, 9));
    expect(await store.get('runs/d/scores.json')).toBeNull();
    expect(subject.damaged).toEqual(['runs/d/scores.json']);
    await expect(store.read('runs/d/scores.json').then(collect)).rejects.toMatchObject({
      code: 'storage_unavailable',
    });
    expect(await store.local('runs/d/scores.json')).toBeNull();
    expect(await store.putOnce('runs/d/scores.json', bytes)).toBe(true);
    expect(text(await store.get('runs/d/scores.json'))).toBe(bytes.toString());

    const medium = randomBytes(1000);
    const { sha256: hash } = await store.putByHash(inChunks(medium), mediaKey);
    await (await store.local(mediaKey(hash)))?.release();
    medium[500]! ^= 1;
    await subject.damage(mediaKey(hash), medium);
    expect(await store.local(mediaKey(hash))).toBeNull();
    subject.damaged.length = 0;
  });

  it('reads what has no checksum', async () => {
    await store.put('runs/old/other.json', Buffer.from('{}'));
    await subject.putForeign('runs/old/result.json', Buffer.from('{"old":true}'));
    expect(text(await store.get('runs/old/result.json'))).toBe('{"old":true}');
  });

  it('lists by prefix, folder by folder, from any key on', async () => {
    const keys = ['list/a', 'list/b/1', 'list/b/2', 'list/b-1', 'list/b0', 'list/c/d/e', 'listen'];
    for (const key of keys) await store.put(key, Buffer.from(key));
    const list = async (prefix: string, after?: string) => {
      const found: string[] = [];
      for await (const { key, bytes, modifiedAt } of store.list(prefix, after)) {
        expect(bytes).toBe(key.length);
        expect(Math.abs(modifiedAt.getTime() - Date.now())).toBeLessThan(600_000);
        found.push(key);
      }
      return found;
    };
    const all = await list('list/');
    expect([...all].sort()).toEqual(keys.slice(0, 6).sort());
    expect(Math.abs(all.indexOf('list/b/1') - all.indexOf('list/b/2'))).toBe(1);
    expect((await list('list/b')).sort()).toEqual(['list/b-1', 'list/b/1', 'list/b/2', 'list/b0']);
    for (let i = 0; i < all.length; i += 1)
      expect(await list('list/', all[i])).toEqual(all.slice(i + 1));
    expect(await list('nothing/')).toEqual([]);
    await store.delete([...keys, 'list/was-never-there']);
    expect(await list('list')).toEqual([]);
  });

  it.each(['', '../secret', 'a//b', '/etc/passwd', 'a/../../b', '.incoming/x', 'a\0b', 'ä'])(
    'refuses the key %j',
    async (key) => {
      await expect(store.get(key)).rejects.toThrow(RangeError);
      await expect(store.put(key, Buffer.from('x'))).rejects.toThrow(RangeError);
      await expect(store.delete([key])).rejects.toThrow(RangeError);
    },
  );
});

describe('FolderStore', () => {
  it('keeps its files readable by hand, with their checksums beside them', async () => {
    const root = path.join(folder, 'by-hand');
    const store = await FolderStore.open(root);
    await store.put('runs/a/result.json', Buffer.from('{}'));
    expect(await readFile(path.join(root, 'runs/a/result.json'), 'utf8')).toBe('{}');
    const note = path.join(root, 'runs/a/.result.json.sha256');
    expect(await readFile(note, 'utf8')).toBe(`${sha256(Buffer.from('{}'))}  result.json\n`);
    // One that a power cut has emptied says nothing.
    await truncate(note);
    expect(text(await store.get('runs/a/result.json'))).toBe('{}');
    await store.delete(['runs/a/result.json']);
    expect(await readdir(root)).toEqual(['.incoming']);
  });

  it('makes a blob count as written now, and removes what dead writers left', async () => {
    const root = path.join(folder, 'ages');
    const store = await FolderStore.open(root);
    const { sha256: hash } = await store.putByHash(inChunks(randomBytes(10)), mediaKey);
    const lastYear = new Date(Date.now() - 365 * 86_400_000);
    await utimes(path.join(root, mediaKey(hash)), lastYear, lastYear);
    expect(await store.renew(mediaKey(hash))).toBe(true);
    for await (const { modifiedAt } of store.list('media/'))
      expect(modifiedAt.getTime()).toBeGreaterThan(Date.now() - 60_000);

    const [old, fresh] = ['old', 'fresh'].map((name) => path.join(root, '.incoming', name));
    await writeFile(old!, 'half');
    await writeFile(fresh!, 'half');
    await utimes(old!, lastYear, lastYear);
    const before = new Date(Date.now() - 86_400_000);
    expect(await store.removeLeftovers(before, true)).toEqual({ count: 1, bytes: 4 });
    expect(await store.removeLeftovers(before, false)).toEqual({ count: 1, bytes: 4 });
    expect(await readdir(path.join(root, '.incoming'))).toEqual(['fresh']);
  });
});

describe('S3Store', () => {
  it('keeps local copies for the next use, within its bound', async () => {
    const copies = () => readdir(path.join(folder, 'copies')).then(countIn);
    const countIn = async (names: string[]) => {
      const lists = names.map((name) => readdir(path.join(folder, 'copies', name)));
      return (await Promise.all(lists)).flat().length;
    };
    const store = await openS3([], {}, 2.5 * MEGABYTE);
    const keys: string[] = [];
    for (let i = 0; i < 4; i += 1) {
      const { sha256: hash } = await store.putByHash(inChunks(randomBytes(MEGABYTE)), mediaKey);
      keys.push(mediaKey(hash));
    }
    const used = await Promise.all(keys.map((key) => store.local(key)));
    expect(await copies()).toBe(4);
    for (const blob of used) await blob?.release();
    expect(await copies()).toBe(2);
    const again = await store.local(keys[3]!);
    expect(again?.path).toBe(used[3]?.path);
    await again?.release();
    await store.close();
    expect(await copies()).toBe(0);
  });

  it('makes a blob count as written now', async () => {
    const store = await openS3();
    const { sha256: hash } = await store.putByHash(inChunks(randomBytes(1000)), mediaKey);
    const age = async () => {
      for await (const { modifiedAt } of store.list(mediaKey(hash))) return modifiedAt.getTime();
      return 0;
    };
    const first = await age();
    const renewed = await until('a later time', async () => {
      expect(await store.renew(mediaKey(hash))).toBe(true);
      const now = await age();
      return now > first && now;
    });
    expect(renewed).toBeGreaterThan(first);
    expect((await store.get(mediaKey(hash)))?.length).toBe(1000);
    await store.close();
  });

  it('removes streams and parts that dead writers left', async () => {
    const store = await openS3();
    const client = server.client();
    const Key = `${PREFIX}incoming/dead`;
    await client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: 'half' }));
    const later = new Date(Date.now() + 60_000);
    expect(await store.removeLeftovers(new Date(0), true)).toEqual({ count: 0, bytes: 0 });
    expect(await store.removeLeftovers(later, true)).toEqual({ count: 1, bytes: 4 });
    expect(await store.removeLeftovers(later, false)).toEqual({ count: 1, bytes: 4 });
    expect(await store.removeLeftovers(later, true)).toEqual({ count: 0, bytes: 0 });
    await store.close();
  });

  it('says storage_unavailable while the server is away, and goes on when it is back', async () => {
    const store = await openS3([], { maxAttempts: 2 });
    await store.put('runs/away/result.json', Buffer.from('{}'));
    await server.kill();
    const failures = [
      store.get('runs/away/result.json'),
      store.put('runs/away/other.json', Buffer.from('{}')),
      store.putOnce('runs/away/once.json', Buffer.from('{}')),
      store.size('runs/away/result.json'),
      store.local('runs/away/result.json'),
      store.read('runs/away/result.json'),
      store.delete(['runs/away/result.json']),
      store.putByHash(inChunks(randomBytes(1000)), mediaKey),
      store.putByHash(inChunks(randomBytes(20 * MEGABYTE)), mediaKey),
      store.list('runs/')[Symbol.asyncIterator]().next(),
    ];
    for (const failure of await Promise.allSettled(failures)) {
      expect(failure).toMatchObject({
        status: 'rejected',
        reason: { name: 'BlobStoreError', code: 'storage_unavailable' },
      });
      const { message } = (failure as PromiseRejectedResult).reason as Error;
      expect(message).toContain('ECONNREFUSED');
      expect(message).not.toMatch(/127\.0\.0\.1|runs\//);
    }
    await server.restart();
    expect(text(await store.get('runs/away/result.json'))).toBe('{}');
    await store.close();
  });

  it('goes on with an upload and a download when connections break off', async () => {
    const link = await TcpLink.to(server.port);
    const endpoint = `http://127.0.0.1:${link.port}`;
    const store = await openS3([], { endpoint, maxAttempts: 10 });
    const bytes = randomBytes(60 * MEGABYTE);
    const source = Readable.from(
      (async function* () {
        for (let at = 0; at < bytes.length; at += MEGABYTE) {
          if (at === 30 * MEGABYTE) {
            await link.cut();
            setTimeout(() => void link.mend(), 300);
          }
          yield bytes.subarray(at, at + MEGABYTE);
        }
      })(),
    );
    const { sha256: hash } = await store.putByHash(source, mediaKey);
    expect(hash).toBe(sha256(bytes));

    const before = link.passed;
    const fetching = store.local(mediaKey(hash));
    await until('a part of the download', () => link.passed - before > 10 * MEGABYTE);
    await link.cut();
    await link.mend();
    const local = await fetching;
    expect((await readFile(local!.path)).equals(bytes)).toBe(true);
    // What had come was not fetched again.
    expect(link.passed - before).toBeLessThan(100 * MEGABYTE);
    await local?.release();
    await store.close();
    await link.cut();
  });

  it('waits for a slow server, and gives up on one that stands still', async () => {
    const store = await openS3([], { timeoutMs: 1_000, maxAttempts: 2 });
    await store.put('runs/slow/result.json', Buffer.from('{}'));
    server.pause();
    const slow = openS3().then(async (patient) => {
      const found = text(await patient.get('runs/slow/result.json'));
      await patient.close();
      return found;
    });
    await expect(store.get('runs/slow/result.json')).rejects.toMatchObject({
      code: 'storage_unavailable',
    });
    server.resume();
    expect(await slow).toBe('{}');
    await store.close();
  });

  it('copies by parts what is too large for one copy', async () => {
    const store = await openS3();
    const part = randomBytes(MEGABYTE);
    const many = 130;
    const source = Readable.from(
      (function* () {
        for (let i = 0; i < many; i += 1) yield part;
      })(),
    );
    const { sha256: hash, bytes } = await store.putByHash(source, mediaKey);
    expect(bytes).toBe(many * MEGABYTE);
    const local = await store.local(mediaKey(hash));
    expect((await readFile(local!.path)).length).toBe(bytes);
    await local?.release();
    await store.delete([mediaKey(hash)]);
    await store.close();
  });

  it('does not take an object that was replaced in the middle for the one it began with', async () => {
    const damaged: string[] = [];
    const store = await openS3(damaged);
    await store.put('runs/r/one.json', Buffer.from('one'));
    await store.put('runs/r/two.json', Buffer.from('two'));
    const Key = `${PREFIX}runs/r/one.json`;
    const CopySource = `${BUCKET}/${PREFIX}runs/r/two.json`;
    await server.client().send(new CopyObjectCommand({ Bucket: BUCKET, Key, CopySource }));
    const local = await store.local('runs/r/one.json');
    expect(await readFile(local!.path, 'utf8')).toBe('two');
    await local?.release();
    expect(damaged).toEqual([]);
    await store.close();
  });
});
