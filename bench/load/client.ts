import { setTimeout as sleep } from 'node:timers/promises';
import type { AnalysisResult } from '../../workflows/contracts/result.js';
import type { AnswerBody } from '../chaos/client.js';
import type { Medium } from '../chaos/media.js';

/** A service, and who asks it. */
export interface Client {
  readonly url: string;
  readonly tenant: string;
  readonly key: string;
}

/** What became of one request, from the first byte sent to the result. */
export interface Sent {
  readonly tenant: string;
  readonly medium: Medium;
  readonly milliseconds: number;
  readonly result: AnalysisResult | null;
  /** Null when there is a result; else an answer that is none of those that a client has to reckon with. */
  readonly failure: string | null;
  /** Answers 503 with `Retry-After`, by their codes. */
  readonly refusals: Readonly<Record<string, number>>;
}

/** Sends a medium as the API's answers tell a client to: again after `Retry-After`, and to `Location` once there is one. */
export async function analyse(
  client: Client,
  medium: Medium,
  bytes: Uint8Array<ArrayBuffer>,
  limitMs: number,
): Promise<Sent> {
  const { url, tenant, key } = client;
  const began = performance.now();
  const refusals: Record<string, number> = {};
  const end = (result: AnalysisResult | null, failure: string | null): Sent => {
    const milliseconds = performance.now() - began;
    return { tenant, medium, milliseconds, result, failure, refusals };
  };
  const signal = AbortSignal.timeout(limitMs);
  const headers = { authorization: `Bearer ${key}` };
  let location: string | null = null;
  try {
    for (;;) {
      const request: RequestInit =
        location === null ? { method: 'POST', body: formOf(medium, bytes), headers } : { headers };
      const response: Response = await fetch(`${url}${location ?? '/api/v1/inference'}`, {
        ...request,
        signal,
      });
      const body = (await response.json()) as AnswerBody;
      const { status } = response;
      const pause = Number(response.headers.get('retry-after') ?? NaN) * 1000;
      if (status === 503 && pause >= 0) {
        refusals[body.code ?? '?'] = (refusals[body.code ?? '?'] ?? 0) + 1;
        await sleep(pause, undefined, { signal });
      } else if (status === 202) {
        location = response.headers.get('location');
        await sleep(pause, undefined, { signal });
      } else if (status !== 200) {
        return end(null, `${status} ${body.code ?? ''}: ${body.detail ?? ''}`);
      } else if (location === null) {
        return end(body as AnalysisResult, null);
      } else if (body.status === 'succeeded') {
        return end(body.result ?? null, null);
      } else if (body.status === 'failed' || body.status === 'cancelled') {
        return end(null, `${body.status}: ${body.error?.code ?? '?'}`);
      } else {
        await sleep(500, undefined, { signal });
      }
    }
  } catch (error) {
    const { cause } = error as Error;
    return end(null, `no answer: ${String(cause ?? error)}`);
  }
}

/** Begins an analysis and does not wait for it. @returns its ID */
export async function begin(
  { url, key }: Client,
  medium: Medium,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<string> {
  const headers = { authorization: `Bearer ${key}`, prefer: 'respond-async' };
  const response = await fetch(`${url}/api/v1/inference`, {
    method: 'POST',
    body: formOf(medium, bytes),
    headers,
  });
  const { id, detail } = (await response.json()) as AnswerBody;
  if (id === undefined) throw new Error(`HTTP ${response.status}: ${detail ?? 'no reason given'}`);
  return id;
}

export async function cancel({ url, key }: Client, id: string): Promise<void> {
  const headers = { authorization: `Bearer ${key}` };
  const request = { method: 'POST', headers };
  await (await fetch(`${url}/api/v1/inference/${id}/cancel`, request)).arrayBuffer();
}

function formOf({ name }: Medium, bytes: Uint8Array<ArrayBuffer>): FormData {
  const form = new FormData();
  form.set('media', new Blob([bytes]), name);
  return form;
}
