import { Problem } from '../../problems/problem.js';

/** The file behind a URL has more bytes than an upload may have. */
export function mediaTooLarge(maxBytes: number): Problem {
  return new Problem(
    'media_too_large',
    `Expected a file of at most ${maxBytes} bytes at mediaUrl, got more.`,
    { members: { max_bytes: maxBytes } },
  );
}
