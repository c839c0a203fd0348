import { lookup } from 'node:dns/promises';
import type { LookupAddress } from 'node:dns';
import { isIP } from 'node:net';
import { unreachable } from './unreachable.js';

/** All addresses of a name; a name that has none is an empty list or an error with code ENOTFOUND. */
export type Resolver = (host: string) => Promise<readonly LookupAddress[]>;

/** As all programs of this machine resolve names, its hosts file included. */
export const systemResolver: Resolver = (host) => lookup(host, { all: true });

/** What the system says of a name that does not exist, or has no address. */
const NO_ADDRESS = ['ENOTFOUND', 'ENODATA', 'EAI_NODATA', 'EAI_NONAME'];

/**
 * The addresses of a URL's host: itself, if it is one.
 *
 * @returns none where there is no such name: whoever asks is not told, as names of internal hosts are no client's business
 * @throws Problem `media_url_unreachable` when nobody tells in time
 */
export async function resolveHost(
  resolver: Resolver,
  host: string,
  seconds: number,
): Promise<readonly LookupAddress[]> {
  const family = isIP(host);
  if (family !== 0) return [{ address: host, family }];
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(unreachable('name', `its name to be resolved within ${seconds} s, got no answer`));
    }, seconds * 1000);
  });
  try {
    return await Promise.race([addressesOf(resolver, host), late]);
  } finally {
    clearTimeout(timer);
  }
}

async function addressesOf(resolver: Resolver, host: string): Promise<readonly LookupAddress[]> {
  try {
    return await resolver(host);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (NO_ADDRESS.includes(code)) return [];
    throw unreachable('name', 'its name to be resolved, got no answer', error);
  }
}
