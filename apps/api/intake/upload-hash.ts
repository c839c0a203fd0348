import { Problem } from '../problems/problem.js';

const SHA256_HEX = /^(?:sha256:)?([0-9a-f]{64})$/i;

/**
 * Holds the hash that came with an upload against that of the bytes. None given is fine.
 * @throws Problem `hash_malformed` or `hash_mismatch`
 */
export function checkUploadHash(given: string | undefined, sha256: string): void {
  if (given === undefined || given === '') return;
  const expected = parseSha256(given);
  if (expected === sha256) return;
  throw new Problem(
    'hash_mismatch',
    `Expected a file with SHA-256 ${expected}, got one with ${sha256}.`,
  );
}

/** @throws Problem `hash_malformed` */
export function parseSha256(given: string): string {
  const hex = SHA256_HEX.exec(given.trim())?.[1];
  if (hex !== undefined) return hex.toLowerCase();
  throw new Problem(
    'hash_malformed',
    'Expected hash as the SHA-256 of the file in 64 hexadecimal digits, with or without "sha256:" before them, ' +
      `got ${JSON.stringify(given.slice(0, 80))}.`,
  );
}
