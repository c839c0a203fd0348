import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { linesOf } from './lines.js';
import { Mailbox } from './mailbox.js';
import { rawFrames } from './raw-frames.js';
import { SpareBuffers } from './spare-buffers.js';

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const got: T[] = [];
  for await (const item of items) got.push(item);
  return got;
}
const chunks = (...parts: string[]) => Readable.from(parts.map((part) => Buffer.from(part)));

describe('rawFrames', () => {
  it('cuts chunks of any size into frames of their own bytes, and drops a partial last one', async () => {
    const frames = await all(
      rawFrames(chunks('ab', 'cdef', 'g', 'hijklm', 'no'), 3, new SpareBuffers()),
    );
    expect(frames.map((frame) => Buffer.from(frame).toString())).toEqual([
      ...['abc', 'def', 'ghi', 'jkl', 'mno'],
    ]);
    expect(new Set(frames.map(({ buffer }) => buffer)).size).toBe(5);
    expect(frames.every(({ buffer }) => buffer.byteLength === 3)).toBe(true);
    expect(await all(rawFrames(chunks('abcd'), 3, new SpareBuffers()))).toHaveLength(1);
  });

  it('fills what it was given back, where the size is right and nobody else has a part of it', async () => {
    const spare = new SpareBuffers();
    const used: ArrayBuffer[] = [];
    for await (const frame of rawFrames(chunks('abcdefghi'), 3, spare)) {
      used.push(frame.buffer);
      spare.give(frame);
      spare.give(new Uint8Array(4));
      spare.give(new Uint8Array(new ArrayBuffer(6), 3));
    }
    expect(used).toHaveLength(3);
    expect(new Set(used).size).toBe(1);
    expect(spare.take(4)).toHaveLength(4);
  });

  it('reads on only when asked', async () => {
    let made = 0;
    const source = Readable.from(
      (function* () {
        for (; made < 1000; made += 1) yield Buffer.alloc(1024);
      })(),
      { objectMode: false, highWaterMark: 4096 },
    );
    const frames = rawFrames(source, 1024, new SpareBuffers());
    await frames.next();
    expect(made).toBeLessThan(20);
    await frames.return(undefined);
    expect(source.destroyed).toBe(true);
  });

  it('ends with a stream that is destroyed, and passes errors on', async () => {
    const endless = new Readable({ read: () => undefined });
    const next = rawFrames(endless, 4, new SpareBuffers()).next();
    endless.destroy();
    expect((await next).done).toBe(true);
    const broken = new Readable({ read: () => undefined });
    const failed = rawFrames(broken, 4, new SpareBuffers()).next();
    broken.destroy(new Error('disk on fire'));
    await expect(failed).rejects.toThrow('disk on fire');
  });
});

describe('linesOf', () => {
  it('joins lines that chunks have cut', async () => {
    expect(await all(linesOf(chunks('a\nb', 'c\n\nd')))).toEqual(['a', 'bc', '', 'd']);
  });

  it('refuses a line without an end', async () => {
    const endless = chunks(...Array.from({ length: 70 }, () => 'x'.repeat(1024)));
    await expect(all(linesOf(endless))).rejects.toThrow(/at most 65536 characters/);
  });
});

describe('Mailbox', () => {
  it('keeps the order, whoever comes first', async () => {
    const box = new Mailbox<number>();
    box.push(1);
    const early = [box.next(), box.next(), box.next()];
    box.push(2);
    box.end();
    expect(await Promise.all(early)).toEqual([1, 2, null]);
    expect(await box.next()).toBeNull();
  });
});
