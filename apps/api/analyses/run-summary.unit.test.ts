import { describe, expect, it } from 'vitest';
import { summaryOf } from './run-summary.js';

describe('summaryOf', () => {
  const sha256 = '3f2a91c0'.repeat(8);

  it('says what a medium is, and its size', () => {
    const file = { kind: 'file', key: 'k', sha256, bytes: 1_234_567 } as const;
    expect(summaryOf({ ...file, contentType: 'video/mp4' })).toBe('video/mp4 · 1.2 MB · 3f2a91c0');
    expect(summaryOf({ ...file, contentType: null })).toBe('unknown format · 1.2 MB · 3f2a91c0');
    expect(summaryOf(file)).toBe('1.2 MB · 3f2a91c0');
  });

  it('names frames and stays under the 200 bytes that the server takes', () => {
    const frames = Array.from({ length: 30 }, (_, index) => ({ index, key: null }));
    const summary = summaryOf({ kind: 'frames', sha256, total: 10_000_000, frames });
    expect(summary).toBe('30 of 10000000 client frames · 3f2a91c0');
    expect(Buffer.byteLength(summary)).toBeLessThanOrEqual(200);
  });
});
