import { setTimeout as sleep } from 'node:timers/promises';
import { NoAnswerError } from './bounded-fetch.js';
import { HubRefusal } from './refusal.js';
import { WrongContentError } from './wrong-content.js';

const ATTEMPTS = 4;
const FIRST_PAUSE_MS = 250;

export interface Patience {
  readonly signal?: AbortSignal | undefined;
  /** Seconds that the hub may ask to wait, all together. */
  readonly waitSeconds: number;
  readonly onNotice?: ((notice: string) => void) | undefined;
}

/** Decides of one piece of work whether, and when, it is worth another try. */
export class Retries {
  #failures = 0;
  #waitedSeconds = 0;

  constructor(private readonly patience: Patience) {}

  /**
   * Pauses until the next try: as long as the server asks for, else twice as long each time.
   * @param wasFruitful whether some of the work got done, so that its failures are counted anew
   * @throws the error itself when it won't pass, comes too often, or is to be waited for too long
   */
  async after(error: unknown, wasFruitful = false): Promise<void> {
    const { signal, waitSeconds, onNotice } = this.patience;
    signal?.throwIfAborted();
    if (!mayPass(error)) throw error;
    const asked = error instanceof HubRefusal ? (error.retryAfterSeconds ?? 0) : 0;
    if (asked > 0) {
      this.#waitedSeconds += asked;
      if (this.#waitedSeconds > waitSeconds) throw error;
      onNotice?.(
        `The hub asks to wait for ${asked} s (${(error as HubRefusal).message}); waiting.`,
      );
      await sleep(asked * 1000, undefined, { signal });
      return;
    }
    this.#failures = wasFruitful ? 1 : this.#failures + 1;
    if (this.#failures === ATTEMPTS) throw error;
    await sleep(FIRST_PAUSE_MS * 2 ** (this.#failures - 1), undefined, { signal });
  }
}

/** Runs `work` until it succeeds, fails for good, or has failed too often. */
export async function withRetries<T>(patience: Patience, work: () => Promise<T>): Promise<T> {
  const retries = new Retries(patience);
  for (;;) {
    try {
      return await work();
    } catch (error) {
      await retries.after(error);
    }
  }
}

/** An overloaded server or a cut connection may do better next time; a refusal or a dead address won't. */
function mayPass(error: unknown): boolean {
  if (error instanceof HubRefusal) return isOverload(error);
  return !isUnreachable(error) && !(error instanceof WrongContentError) && !isOfFiles(error);
}

/** Whether the hub as a whole can't be asked now, rather than this model not to be had. */
export function isOutage(error: unknown): boolean {
  return isUnreachable(error) || (error instanceof HubRefusal && isOverload(error));
}

function isOverload({ status }: HubRefusal): boolean {
  return status === 429 || status >= 500;
}

/** Whether a file or folder of this machine is what failed. */
export function isOfFiles(error: unknown): error is NodeJS.ErrnoException {
  if (!(error instanceof Error) || !('code' in error)) return false;
  return 'path' in error || error.code === 'ENOSPC' || error.code === 'EDQUOT';
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
