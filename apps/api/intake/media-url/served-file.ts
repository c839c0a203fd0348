import type { IncomingMessage } from 'node:http';
import { Problem } from '../../problems/problem.js';
import { mediaTooLarge } from './too-large.js';

const REDIRECTS = [301, 302, 303, 307, 308];

/** Where an answer sends on to, relative to what was asked; null when it does not. */
export function redirectOf({ statusCode = 0, headers }: IncomingMessage): string | null {
  return REDIRECTS.includes(statusCode) ? (headers.location ?? null) : null;
}

/**
 * Looks at the head of an answer that must be the file itself, as it is.
 * @throws Problem `media_url_not_served` or `media_too_large`
 */
export function refuseOtherAnswers(
  { statusCode = 0, headers }: IncomingMessage,
  maxBytes: number,
): void {
  if (statusCode !== 200) {
    throw notServed(`200 with the file, got ${statusCode}`, { upstream_status: statusCode });
  }
  const encoding = headers['content-encoding'] ?? 'identity';
  const transfer = headers['transfer-encoding'] ?? 'chunked';
  if (encoding.trim().toLowerCase() !== 'identity' || transfer.toLowerCase() !== 'chunked') {
    throw notServed('without Content-Encoding, as was asked, got the file encoded');
  }
  if (Number(headers['content-length'] ?? 0) > maxBytes) throw mediaTooLarge(maxBytes);
}

export function tooManyRedirects(most: number): Problem {
  return notServed(`with the file after at most ${most} redirects, got another redirect`);
}

function notServed(expected: string, members: Readonly<Record<string, unknown>> = {}): Problem {
  return new Problem(
    'media_url_not_served',
    `Expected the server of mediaUrl to answer ${expected}.`,
    { members },
  );
}
