import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AnalysisResult } from '../../workflows/contracts/result.js';
import type { Medium } from './media.js';

const RETRY_MS = 250;
const REQUEST_MS = 60_000;

/** What became of one submission. */
export interface Outcome {
  readonly medium: Medium;
  readonly milliseconds: number;
  /** The ID that was given before the result was there. */
  readonly acceptedAs: string | null;
  readonly result: AnalysisResult | null;
  /** Why there is no result; null when there is one. */
  readonly failure: string | null;
  /** Answers on the way that were neither an ID nor a result, and how often they came. */
  readonly setbacks: Readonly<Record<string, number>>;
}

/** What a client reads of the API's answers. */
export interface AnswerBody {
  readonly id?: string;
  readonly status?: string;
  readonly code?: string;
  readonly detail?: string;
  readonly result?: AnalysisResult;
  readonly error?: { readonly code: string };
}

export interface Answer {
  readonly status: number;
  readonly body: AnswerBody;
}

/**
 * Sends a medium as a patient client does: again after a broken connection or a 503, which either starts the analysis or
 * joins it; and once it has an ID, asks for the analysis until it has ended.
 *
 * @param isAsync asks not to wait, and so gets an ID
 */
export async function analyse(
  url: string,
  medium: Medium,
  isAsync: boolean,
  limitMs: number,
): Promise<Outcome> {
  const began = performance.now();
  const deadline = Date.now() + limitMs;
  const bytes = await readFile(medium.file);
  const setbacks: Record<string, number> = {};
  let acceptedAs: string | null = null;
  const end = (result: AnalysisResult | null, failure: string | null): Outcome => {
    const milliseconds = Math.round(performance.now() - began);
    return { medium, milliseconds, acceptedAs, result, failure, setbacks };
  };
  const setback = async (what: string) => {
    setbacks[what] = (setbacks[what] ?? 0) + 1;
    await sleep(RETRY_MS);
  };
  while (Date.now() < deadline) {
    const answer: Answer | Error =
      acceptedAs === null
        ? await submit(url, bytes, medium.name, isAsync)
        : await ask(`${url}/api/v1/inference/${acceptedAs}`, {});
    if (answer instanceof Error) {
      await setback(answer.message);
      continue;
    }
    const { status, body }: Answer = answer;
    if (status === 503) await setback(`503 ${body.code ?? '?'}`);
    else if (status === 202) acceptedAs = body.id ?? null;
    else if (status !== 200) return end(null, `${status} ${body.code ?? ''}: ${body.detail ?? ''}`);
    else if (acceptedAs === null) return end(body as AnalysisResult, null);
    else if (body.status === 'succeeded') return end(body.result ?? null, null);
    else if (body.status === 'failed' || body.status === 'cancelled')
      return end(null, `${body.status}: ${body.error?.code ?? '?'}`);
    else await sleep(RETRY_MS);
  }
  return end(null, `not done within ${limitMs / 1000} s`);
}

/** One upload. @param isAsync asks not to wait */
export function submit(
  url: string,
  bytes: Buffer<ArrayBuffer>,
  name: string,
  isAsync: boolean,
): Promise<Answer | Error> {
  const form = new FormData();
  form.set('media', new Blob([bytes]), name);
  const headers: Record<string, string> = isAsync ? { prefer: 'respond-async' } : {};
  return ask(`${url}/api/v1/inference`, { method: 'POST', body: form, headers });
}

/** The answer, or why there is none. */
export async function ask(url: string, request: RequestInit): Promise<Answer | Error> {
  try {
    const response = await fetch(url, { ...request, signal: AbortSignal.timeout(REQUEST_MS) });
    return { status: response.status, body: (await response.json()) as Answer['body'] };
  } catch (error) {
    const cause = error instanceof Error ? error.cause : null;
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : null;
    return new Error(code ?? (error instanceof Error ? error.name : 'unknown'));
  }
}
