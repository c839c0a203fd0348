import type { ModelSource } from '../source.js';
import { BoundedDownload } from './bounded-fetch.js';
import { HubRefusal } from './refusal.js';
import type { RemoteFile } from './remote-files.js';
import { WrongContentError } from './wrong-content.js';

/** Bytes of a file on their way. */
export interface Transfer {
  /** Where they begin: what was asked for, or 0 when the server sends the whole. */
  readonly from: number;
  /** Names the server's very representation of the file, for `If-Range`; null when it gives no strong one. */
  readonly validator: string | null;
  readonly chunks: AsyncGenerator<Uint8Array>;
}

/**
 * Asks for a file from an offset on. Plain HTTP, which every mirror speaks and which can be taken up anywhere; the token is
 * shown to the hub alone, as `fetch` takes it off where a redirect leads elsewhere.
 * @param validator what an earlier answer to the same question gave
 * @throws HubRefusal, WrongContentError, or what `fetch` throws
 */
export async function beginTransfer(
  { modelId, hub }: ModelSource,
  commit: string,
  file: RemoteFile,
  from: number,
  validator: string | null,
  signal: AbortSignal | undefined,
): Promise<Transfer> {
  const name = file.name.split('/').map(encodeURIComponent).join('/');
  const url = `${hub.endpoint.replace(/\/+$/, '')}/${modelId}/resolve/${commit}/${name}`;
  const headers = new Headers({ 'accept-encoding': 'identity' });
  if (hub.token) headers.set('authorization', `Bearer ${hub.token}`);
  if (from > 0) headers.set('range', `bytes=${from}-`);
  if (from > 0 && validator !== null) headers.set('if-range', validator);
  const bounded = new BoundedDownload(signal);
  const answer = await bounded.fetch(url, { headers });
  if (answer.body === null) throw new HubRefusal(answer.status, null, null);
  const etag = answer.headers.get('etag');
  return {
    from: answer.status === 206 ? startOf(answer, file, from) : 0,
    validator: etag?.startsWith('"') === true ? etag : null,
    chunks: bounded.chunks(answer.body),
  };
}

function startOf(answer: Response, { name, bytes }: RemoteFile, from: number): number {
  const range = answer.headers.get('content-range') ?? '';
  const [, start, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(range) ?? [];
  if (Number(start) === from && (total === '*' || Number(total) === bytes)) return from;
  throw new WrongContentError(
    `expected ${name} from byte ${from} of ${bytes}, got content-range "${range}"`,
  );
}
