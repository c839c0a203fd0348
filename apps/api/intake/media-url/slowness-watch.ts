import type { Problem } from '../../problems/problem.js';
import { unreachable } from './unreachable.js';

export interface Pace {
  /** The least speed, on average over `slowSeconds` of waiting. */
  readonly minBytesPerSecond: number;
  readonly slowSeconds: number;
}

/** Tells when bytes come too slowly: `minBytesPerSecond × slowSeconds` of them must come in each `slowSeconds` of waiting. */
export class SlownessWatch {
  readonly #portion: number;
  #bytes = 0;
  #waitedMs = 0;
  #since = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly pace: Pace,
    private readonly onTooSlow: (problem: Problem) => void,
  ) {
    this.#portion = pace.minBytesPerSecond * pace.slowSeconds;
  }

  /** Somebody waits for bytes from now on. */
  waiting(): void {
    this.#since = performance.now();
    const left = this.pace.slowSeconds * 1000 - this.#waitedMs;
    this.#timer = setTimeout(() => this.onTooSlow(this.#problem()), Math.max(0, left));
  }

  /** The wait is over. */
  got(bytes: number): void {
    this.end();
    this.#waitedMs += performance.now() - this.#since;
    this.#bytes += bytes;
    if (this.#bytes < this.#portion) return;
    this.#bytes = 0;
    this.#waitedMs = 0;
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  #problem(): Problem {
    const { minBytesPerSecond, slowSeconds } = this.pace;
    return unreachable(
      'too_slow',
      `to send at least ${minBytesPerSecond} bytes a second, got fewer over ${slowSeconds} s`,
    );
  }
}
