import { setTimeout as sleep } from 'node:timers/promises';
import { HubApiError } from '@huggingface/hub';
import { NoAnswerError } from './bounded-fetch.js';
import { WrongContentError } from './wrong-content.js';

const ATTEMPTS = 4;
const FIRST_PAUSE_MS = 250;

/** Runs `work` until it succeeds, fails for good, or has failed too often; pauses grow twofold. */
export async function withRetries<T>(
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      signal?.throwIfAborted();
      if (attempt === ATTEMPTS || !mayPass(error)) throw error;
      await pauseBefore(attempt, signal);
    }
  }
}

export async function pauseBefore(attempt: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(FIRST_PAUSE_MS * 2 ** (attempt - 1), undefined, { signal });
}

/** An overloaded server or a cut connection may do better next time; a refusal or a dead address won't. */
export function mayPass(error: unknown): boolean {
  if (error instanceof HubApiError) return error.statusCode === 429 || error.statusCode >= 500;
  return !isUnreachable(error) && !(error instanceof WrongContentError);
}

/** Whether the hub is down as a whole, rather than this model not to be had. */
export function isOutage(error: unknown): boolean {
  return isUnreachable(error) || (error instanceof HubApiError && error.statusCode >= 500);
}

const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** Whether no connection or no answer came about at all. */
function isUnreachable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof NoAnswerError) return true;
  if ('code' in error && typeof error.code === 'string' && UNREACHABLE.has(error.code)) return true;
  if (error instanceof AggregateError) return error.errors.some(isUnreachable);
  return isUnreachable(error.cause);
}
