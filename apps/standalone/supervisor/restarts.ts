const WINDOW_MS = 60_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;

/** Counts a part's deaths: how long to wait before it is started again, and when to give up. */
export class Restarts {
  readonly #deaths: number[] = [];

  /** @param most deaths within a minute that end all */
  constructor(private readonly most: number) {}

  /** @returns ms to wait before the next start, or null to give up */
  next(now: number): number | null {
    this.#deaths.push(now);
    while (now - (this.#deaths[0] ?? now) > WINDOW_MS) this.#deaths.shift();
    if (this.#deaths.length >= this.most) return null;
    return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (this.#deaths.length - 1));
  }
}
