import { createHash } from 'node:crypto';
import { Problem } from '../problems/problem.js';

const CHECK_BYTES = 8;

/**
 * The server's token of a list's next page, with a check over it and the query: a token that is cut short, made up or of another
 * list is told from the right one here, as the server takes it for a failure of its own.
 */
export function pageTokenOf(serverToken: Uint8Array, query: string): string {
  return Buffer.concat([checkOf(serverToken, query), serverToken]).toString('base64url');
}

/** @throws Problem `invalid_request` */
export function serverTokenOf(pageToken: string, query: string): Uint8Array {
  const bytes = Buffer.from(pageToken, 'base64url');
  const serverToken = bytes.subarray(CHECK_BYTES);
  if (bytes.subarray(0, CHECK_BYTES).equals(checkOf(serverToken, query))) return serverToken;
  throw new Problem(
    'invalid_request',
    'pageToken: expected next_page_token of the page before, asked for with the same parameters.',
  );
}

function checkOf(serverToken: Uint8Array, query: string): Buffer {
  return createHash('sha256').update(query).update(serverToken).digest().subarray(0, CHECK_BYTES);
}
