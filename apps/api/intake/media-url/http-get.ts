import type { LookupAddress, LookupOptions } from 'node:dns';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { serviceVersion } from '../../../../libs/platform/version.js';
import { unreachable, unreachableBy } from './unreachable.js';

/** Time for one address before the next one is tried beside it. */
const NEXT_ADDRESS_MS = 1_000;

/** Nothing of the client's, no cookie, no credential; and no compression, as it would be more bytes than are counted. */
const HEADERS = {
  accept: '*/*',
  'accept-encoding': 'identity',
  'user-agent': `deepfake-analysis-service/${serviceVersion()}`,
};

export interface GetLimits {
  readonly connectSeconds: number;
  readonly answerSeconds: number;
}

/**
 * Asks for a URL, at one of the given addresses and nowhere else: no name is resolved again, no proxy asked, no connection
 * used twice. The server is held to the certificate of the URL's own name.
 *
 * @param ca certificates to trust in place of the system's, in PEM
 * @returns the answer as soon as its head is there; whoever takes it must read or destroy it
 * @throws Problem `media_url_unreachable`, or the signal's reason
 */
export function httpGet(
  url: URL,
  addresses: readonly LookupAddress[],
  { connectSeconds, answerSeconds }: GetLimits,
  signal: AbortSignal,
  ca?: string,
): Promise<IncomingMessage> {
  const isTls = url.protocol === 'https:';
  const options = {
    agent: isTls ? new https.Agent({ keepAlive: false }) : new http.Agent({ keepAlive: false }),
    headers: HEADERS,
    lookup: fixedLookup(addresses),
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_MS,
    ...(ca === undefined ? {} : { ca }),
  };
  return new Promise((resolve, reject) => {
    const request = (isTls ? https : http).get(url, options);
    const give = (seconds: number, expected: string) =>
      setTimeout(() => {
        request.destroy(unreachable('timeout', `${expected} within ${seconds} s, got nothing`));
      }, seconds * 1000);
    let timer = give(connectSeconds, 'to take a connection');
    const onAbort = () => request.destroy(signal.reason as Error);
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    request.once('socket', (socket) => {
      socket.once(isTls ? 'secureConnect' : 'connect', () => {
        clearTimeout(timer);
        timer = give(answerSeconds, 'to answer');
      });
    });
    request.once('response', (answer) => {
      end();
      resolve(answer);
    });
    // An answer that fails later reports it itself.
    request.on('error', (error) => {
      end();
      reject(signal.aborted ? (signal.reason as Error) : unreachableBy(error));
    });
    // Also after an answer that is none, such as 101.
    request.once('close', () => {
      end();
      reject(unreachableBy(null));
    });
  });
}

type LookupCallback = (
  error: Error | null,
  address: string | LookupAddress[],
  family?: number,
) => void;

/** Answers every question for an address with those that were checked. */
function fixedLookup(addresses: readonly LookupAddress[]) {
  return (_host: string, { all }: LookupOptions, callback: LookupCallback): void => {
    const [first] = addresses;
    if (all === true) callback(null, [...addresses]);
    else callback(null, first?.address ?? '', first?.family);
  };
}
