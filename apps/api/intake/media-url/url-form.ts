import { isIP, isIPv4 } from 'node:net';
import { Problem } from '../../problems/problem.js';

const MAX_URL_LENGTH = 8192;

/** A whole URL with the characters that URLs are made of; what parsers forgive (tabs, backslashes, one slash) is not taken. */
const WHOLE_URL = /^https?:\/\/([^/?#\\\p{Cc} ]+)(?:[/?#][^\\\p{Cc} ]*)?$/iu;

/**
 * Reads the URL that a client names its media by. Its host and where that leads are not looked at yet.
 *
 * @param ports that may be asked
 * @throws Problem `media_url_invalid`, or `media_url_refused` for another port
 */
export function parseMediaUrl(text: string, ports: readonly number[]): URL {
  if (text.length > MAX_URL_LENGTH) {
    throw invalid(`of at most ${MAX_URL_LENGTH} characters`, `${text.length}`);
  }
  const authority = WHOLE_URL.exec(text)?.[1];
  if (authority === undefined || !URL.canParse(text)) {
    throw invalid(
      'as an http or https URL, such as https://example.org/clip.mp4, percent-encoded',
      schemeOf(text),
    );
  }
  const url = new URL(text);
  if (authority.includes('@')) throw invalid('without a user name and password', 'one with them');
  if (url.hostname.endsWith('.')) {
    throw invalid('with a host name that does not end with a dot', 'one that does');
  }
  // Parsers take 2130706433, 0x7f.1 and 0177.0.0.1 for addresses; whoever writes one so has something to hide.
  if (isIPv4(url.hostname) && authority.replace(/:\d*$/, '') !== url.hostname) {
    throw invalid('with an address as four decimal numbers', 'another form of it');
  }
  if (!ports.includes(portOf(url))) {
    throw new Problem(
      'media_url_refused',
      `Expected mediaUrl on port ${ports.join(' or ')}, got ${portOf(url)}.`,
    );
  }
  return url;
}

/** The port that is asked, as a URL leaves its scheme's own unsaid. */
function portOf({ port, protocol }: URL): number {
  if (port !== '') return Number(port);
  return protocol === 'https:' ? 443 : 80;
}

/** Name or address of the URL's host, an IPv6 one without brackets. */
export function hostOf({ hostname }: URL): string {
  const bare = hostname.replace(/^\[(.*)\]$/, '$1');
  return isIP(bare) === 0 ? hostname : bare;
}

function invalid(expected: string, got: string): Problem {
  return new Problem('media_url_invalid', `Expected mediaUrl ${expected}; got ${got}.`);
}

/** The URL may have a secret in its query, so no more of it than this comes back. */
function schemeOf(text: string): string {
  const scheme = /^[a-z][a-z0-9+.-]{0,20}:/i.exec(text)?.[0].toLowerCase();
  if (scheme === undefined) return 'text without a scheme';
  return scheme === 'http:' || scheme === 'https:' ? 'one that is malformed' : `one of ${scheme}`;
}
