import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { linesOf } from './lines.js';
import { Mailbox } from './mailbox.js';

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const got: T[] = [];
  for await (const item of items) got.push(item);
  return got;
}
const chunks = (...parts: string[]) => Readable.from(parts.map((part) => Buffer.from(part)));

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
