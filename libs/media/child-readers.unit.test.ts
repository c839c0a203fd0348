import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as later } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { connectChild, type ChildReader } from './child-connection.js';
import { FrameReader } from './frame-reader.js';
import { LogReader } from './log-reader.js';
import { SpareBuffers } from './spare-buffers.js';

const open: Socket[] = [];
/** The two ends of what a child would write to. */
async function connected(reader: ChildReader): Promise<{ ours: Socket; theirs: Socket }> {
  const connection = await connectChild(reader);
  open.push(connection.ours, connection.theirs);
  return connection;
}
afterEach(() => {
  for (const socket of open.splice(0)) socket.destroy();
});

const text = (bytes: Uint8Array | null) => (bytes === null ? null : Buffer.from(bytes).toString());

describe('a connection to a child', () => {
  it('leaves nothing behind', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'connection-'));
    vi.stubEnv('TMPDIR', folder);
    try {
      await connected(new LogReader(() => undefined));
      expect(await readdir(folder)).toEqual([]);
      vi.stubEnv('TMPDIR', path.join(folder, 'missing'));
      await expect(connectChild(new LogReader(() => undefined))).rejects.toThrow();
    } finally {
      vi.unstubAllEnvs();
      await rm(folder, { recursive: true });
    }
  });
});

describe('FrameReader', () => {
  it('cuts chunks of any size into frames of their own bytes, and drops a partial last one', async () => {
    const reader = new FrameReader(3, new SpareBuffers());
    const { theirs } = await connected(reader);
    for (const part of ['ab', 'cdef', 'g', 'hijklm', 'no', 'p']) {
      theirs.write(part);
      await later(2);
    }
    theirs.end();
    const frames = [];
    for (let next = await reader.next(); next !== null; next = await reader.next())
      frames.push(next);
    expect(frames.map(text)).toEqual(['abc', 'def', 'ghi', 'jkl', 'mno']);
    expect(new Set(frames.map(({ buffer }) => buffer)).size).toBe(5);
    expect(frames.every(({ buffer }) => buffer.byteLength === 3)).toBe(true);
    expect(await reader.next()).toBeNull();
  });

  it('puts each byte of large frames where it belongs', async () => {
    const size = 300_001;
    const reader = new FrameReader(size, new SpareBuffers());
    const { theirs } = await connected(reader);
    const sent = new Uint8Array(3 * size).map((_, i) => (i * 7 + (i >> 8)) % 251);
    theirs.end(sent);
    for (let i = 0; i < 3; i += 1) {
      const frame = await reader.next();
      expect(Buffer.compare(frame ?? Buffer.of(), sent.subarray(i * size, (i + 1) * size))).toBe(0);
    }
    expect(await reader.next()).toBeNull();
  });

  it('fills what was given back', async () => {
    const spare = new SpareBuffers();
    const reader = new FrameReader(3, spare);
    const { theirs } = await connected(reader);
    theirs.end('abcdefghi');
    const used = new Set<ArrayBuffer>();
    for (let next = await reader.next(); next !== null; next = await reader.next()) {
      used.add(next.buffer);
      spare.give(next);
    }
    expect(used.size).toBe(1);
  });

  it('is safe from what becomes of a frame that was handed out', async () => {
    const reader = new FrameReader(100_000, new SpareBuffers());
    const { theirs } = await connected(reader);
    theirs.write(Buffer.alloc(100_000, 1));
    const first = await reader.next();
    structuredClone(first, { transfer: [first?.buffer as ArrayBuffer] });
    theirs.write(Buffer.alloc(100_000, 2));
    expect((await reader.next())?.every((byte) => byte === 2)).toBe(true);
  });

  it('reads on only when asked', async () => {
    let told = 0;
    const reader = new FrameReader(1024, new SpareBuffers(), () => {
      told += 1;
    });
    const { theirs } = await connected(reader);
    const isTaken = theirs.write(Buffer.alloc(8e6));
    expect(isTaken).toBe(false);
    await reader.next();
    await later(20);
    expect(told).toBeLessThan(3);
    expect(theirs.writableLength).toBeGreaterThan(7e6);
  });

  it('ends with a connection that is destroyed, and passes errors on', async () => {
    const gone = new FrameReader(4, new SpareBuffers());
    const { ours } = await connected(gone);
    const next = gone.next();
    ours.destroy();
    expect(await next).toBeNull();
    const broken = new FrameReader(4, new SpareBuffers());
    const connection = await connected(broken);
    const failed = broken.next();
    connection.ours.destroy(new Error('disk on fire'));
    await expect(failed).rejects.toThrow('disk on fire');
    await expect(broken.next()).rejects.toThrow('disk on fire');
  });
});

describe('LogReader', () => {
  it('joins lines that chunks have cut, and tells the end', async () => {
    const lines: string[] = [];
    const reader = new LogReader((line) => lines.push(line));
    const { theirs } = await connected(reader);
    for (const part of ['a\nb', 'c\n\nd\n', 'e']) {
      theirs.write(part);
      await later(2);
    }
    theirs.end();
    await reader.ended;
    expect(lines).toEqual(['a', 'bc', '', 'd']);
  });

  it('breaks off at a line that is longer than any can be, and holds no more of it', async () => {
    const lines: string[] = [];
    const reader = new LogReader((line) => lines.push(line));
    const { ours, theirs } = await connected(reader);
    theirs.on('error', () => undefined);
    theirs.write(`a\n${'b'.repeat(200_000)}`);
    await reader.ended;
    expect(lines).toEqual(['a']);
    expect(ours.destroyed).toBe(true);
  });

  it('reads together what comes while nobody waits, and at once when somebody does', async () => {
    const lines: string[] = [];
    const reader = new LogReader((line) => lines.push(line));
    const { theirs } = await connected(reader);
    reader.relax();
    theirs.write('first\n');
    await expect.poll(() => lines).toEqual(['first']);
    theirs.write('second\n');
    reader.hurry();
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    expect(lines).toContain('second');
    reader.relax();
    theirs.write('third\n'.repeat(10_000));
    await expect.poll(() => lines.length).toBe(10_002);
  });

  it('ends when it is stopped', async () => {
    const reader = new LogReader(() => undefined);
    const { ours } = await connected(reader);
    ours.destroy();
    await once(ours, 'close');
    await expect(reader.ended).resolves.toBeUndefined();
  });
});
