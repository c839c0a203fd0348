import { accepted } from './refusal.js';

/** How long a server may take to begin its answer, and then to send the next bytes; in seconds. */
const PATIENCE = { answer: 20, silence: 60 };

/** The server took too long to begin its answer. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';
}

/**
 * A `fetch` for a question of a few kilobytes: the whole answer must come in the time for an answer's beginning. An error
 * status is thrown, as a HubRefusal.
 */
export function briefFetch(
  signal: AbortSignal | undefined,
  seconds = PATIENCE.answer,
): typeof fetch {
  return async (input, init) => {
    const late = AbortSignal.timeout(seconds * 1000);
    try {
      const answer = await accepted(
        await fetch(input, { ...init, signal: anySignal([signal, late]) }),
      );
      const { status, headers } = answer;
      return new Response(await answer.arrayBuffer(), { status, headers });
    } catch (error) {
      throw late.aborted ? new NoAnswerError(`no answer within ${seconds} s`) : error;
    }
  };
}

/**
 * A `fetch` and its body that give up when the caller aborts, or when nothing is heard for too long; an error
 * status is thrown, as a HubRefusal.
 */
export class BoundedDownload {
  readonly #controller = new AbortController();
  readonly #signal: AbortSignal;

  constructor(
    signal: AbortSignal | undefined,
    private readonly patience = PATIENCE,
  ) {
    this.#signal = anySignal([signal, this.#controller.signal]);
  }

  readonly fetch: typeof fetch = async (input, init) => {
    const { answer } = this.patience;
    const late = new NoAnswerError(`no answer within ${answer} s`);
    const request = fetch(input, { ...init, signal: this.#signal });
    return accepted(await this.#within(answer, late, request));
  };

  /** The chunks of the body that {@link fetch} brings. */
  async *chunks(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
    const { answer, silence } = this.patience;
    const reader = body.getReader();
    try {
      for (;;) {
        const late = new Error(`no byte for ${silence} s`);
        // The first chunk has to wait for the answer to begin.
        const { done, value } = await this.#within(answer + silence, late, reader.read());
        if (done) return;
        yield value;
      }
    } finally {
      this.#controller.abort();
      await reader.cancel().catch(() => undefined);
    }
  }

  /** A stream does not pass on an abort while its request is still under way, so the wait for it ends here. */
  async #within<T>(seconds: number, late: Error, promise: Promise<T>): Promise<T> {
    const timer = setTimeout(() => this.#controller.abort(late), seconds * 1000);
    let onAbort = (): void => undefined;
    const aborted = new Promise<never>((_, reject) => {
      onAbort = () => reject(this.#signal.reason as Error);
      if (this.#signal.aborted) onAbort();
      else this.#signal.addEventListener('abort', onAbort, { once: true });
    });
    try {
      return await Promise.race([promise, aborted]);
    } finally {
      clearTimeout(timer);
      this.#signal.removeEventListener('abort', onAbort);
    }
  }
}

function anySignal(signals: readonly (AbortSignal | undefined)[]): AbortSignal {
  return AbortSignal.any(signals.filter((signal) => signal !== undefined));
}
