import { describe, expect, it } from 'vitest';
import { Problem } from '../problems/problem.js';
import { checkUploadHash } from './upload-hash.js';

describe('checkUploadHash', () => {
  const sha256 = 'ab'.repeat(32);
  const codeOf = (given: string) => {
    try {
      checkUploadHash(given, sha256);
      return null;
    } catch (error) {
      return error instanceof Problem ? error.code : String(error);
    }
  };

  it.each([
    [sha256, null],
    [sha256.toUpperCase(), null],
    [`sha256:${sha256}`, null],
    [` ${sha256}\n`, null],
    ['', null],
    ['cd'.repeat(32), 'hash_mismatch'],
    ['ab'.repeat(31), 'hash_malformed'],
    [`md5:${sha256}`, 'hash_malformed'],
    ['zz'.repeat(32), 'hash_malformed'],
  ])('%j: %s', (given, code) => {
    expect(codeOf(given)).toBe(code);
  });

  it('is content with none', () => {
    expect(() => {
      checkUploadHash(undefined, sha256);
    }).not.toThrow();
  });
});
