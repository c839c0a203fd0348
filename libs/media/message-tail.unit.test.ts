import { describe, expect, it } from 'vitest';
import { MessageTail } from './message-tail.js';

describe('MessageTail', () => {
  it('tells whole lines, without the file’s path', () => {
    const told: string[] = [];
    const tail = new MessageTail('/data/my blobs/ab12', (line) => told.push(line));
    tail.write('[h264 @ 0x55d2c0] error while decoding MB 3 4\nfile:/data/my ');
    tail.write('blobs/ab12: Invalid data found\r\n  \n/data/my blobs/ab12: corrupt');
    expect(told).toEqual(['[h264] error while decoding MB 3 4', 'the file: Invalid data found']);
    tail.end();
    expect(tail.lines.at(-1)).toBe('the file: corrupt');
  });

  it('stays small, whatever is written', () => {
    const tail = new MessageTail('/f');
    for (let i = 0; i < 100; i += 1) tail.write(`line ${i} ${'x'.repeat(10_000)}\n`);
    for (let i = 0; i < 100; i += 1) tail.write('endless '.repeat(1000));
    tail.end();
    expect(tail.lines).toHaveLength(20);
    expect(tail.lines.join('').length).toBeLessThan(10_000);
  });
});
