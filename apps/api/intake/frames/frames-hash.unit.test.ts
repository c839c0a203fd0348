import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { sha256OfFrames } from './frames-intake.js';

describe('sha256OfFrames', () => {
  const [a, b] = ['a'.repeat(64), 'b'.repeat(64)];

  it('is the SHA-256 over a line for each frame', () => {
    const lines = `0:${a}\n2:-\n4:${b}\n`;
    expect(
      sha256OfFrames([
        { index: 0, sha256: a },
        { index: 2, sha256: null },
        { index: 4, sha256: b },
      ]),
    ).toBe(createHash('sha256').update(lines).digest('hex'));
  });

  it('tells apart what gives different results', () => {
    const lists = [
      [{ index: 0, sha256: a }],
      [{ index: 1, sha256: a }],
      [
        { index: 0, sha256: a },
        { index: 1, sha256: null },
      ],
      [
        { index: 0, sha256: a },
        { index: 1, sha256: b },
      ],
      [
        { index: 0, sha256: b },
        { index: 1, sha256: a },
      ],
    ];
    expect(new Set(lists.map(sha256OfFrames)).size).toBe(lists.length);
  });
});
