import { createHash } from 'node:crypto';

/** A key that opens the API, and whose requests it tells. The key itself is not kept. */
export interface ApiKey {
  readonly tenant: string;
  /** SHA-256 of the key's bytes. */
  readonly sha256: Buffer;
}

const TENANT = /^[a-z0-9-]{1,32}$/;
/** What a header can carry as one word, without the comma that parts the entries. */
const KEY = /^[!-+\--~]+$/;
const LEAST_KEY_LENGTH = 16;
const MOST_KEY_LENGTH = 256;

export function hashOfKey(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}

/**
 * Reads `tenant:key`, separated by commas; a tenant may have several keys.
 *
 * @param onProblem told of each thing that is wrong, by the entry's position from 1: never with what it holds
 */
export function parseApiKeys(
  text: string,
  onProblem: (problem: string) => void,
): readonly ApiKey[] {
  const keys: ApiKey[] = [];
  const firstAt = new Map<string, number>();
  for (const [index, entry] of text.split(',').entries()) {
    const position = index + 1;
    const wrong = (what: string) => {
      onProblem(`entry ${position}: ${what}`);
    };
    const at = entry.indexOf(':');
    const tenant = entry.slice(0, Math.max(at, 0)).trim();
    const key = entry.slice(at + 1).trim();
    if (at < 0) wrong('expected tenant:key, got no colon');
    else if (!TENANT.test(tenant))
      wrong(
        'expected a tenant of 1 to 32 lower-case letters, digits and dashes before the colon, got another',
      );
    else if (key.length < LEAST_KEY_LENGTH || key.length > MOST_KEY_LENGTH)
      wrong(
        `expected a key of ${LEAST_KEY_LENGTH} to ${MOST_KEY_LENGTH} characters after the colon, got ${key.length}`,
      );
    else if (!KEY.test(key))
      wrong('expected a key of printable ASCII characters without spaces, got others');
    else {
      const first = firstAt.get(key);
      if (first !== undefined) wrong(`expected each key once, got the key of entry ${first} again`);
      firstAt.set(key, first ?? position);
      keys.push({ tenant, sha256: hashOfKey(key) });
    }
  }
  return keys;
}
