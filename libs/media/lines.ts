import type { Readable } from 'node:stream';

/** Longest line that is expected of a program whose output is read by lines. */
export const LONGEST_LINE = 65_536;

/** A text stream by lines, without their ends. Never holds more than a chunk. */
export async function* linesOf(stream: Readable): AsyncGenerator<string> {
  stream.setEncoding('utf8');
  let rest = '';
  for await (const chunk of stream as AsyncIterable<string>) {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() ?? '';
    if (rest.length > LONGEST_LINE) {
      throw new RangeError(
        `expected lines of at most ${LONGEST_LINE} characters, got a longer one`,
      );
    }
    yield* parts;
  }
  if (rest !== '') yield rest;
}
