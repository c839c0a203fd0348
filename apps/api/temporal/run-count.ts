import type { Temporal } from './temporal.js';

const FRESH_MS = 1_000;
const DEADLINE_MS = 1_000;

/** How many runs a query finds, known to the second without asking Temporal for each request. */
export class RunCount {
  #counted = 0;
  #countedAt = -Infinity;
  #counting: Promise<void> | null = null;
  /** The server's list lags, so what was let in since it was asked counts too. */
  #admitted = 0;

  constructor(
    private readonly query: string,
    private readonly temporal: Temporal,
  ) {}

  async current(): Promise<number> {
    if (performance.now() - this.#countedAt > FRESH_MS) {
      this.#counting ??= this.#count().finally(() => (this.#counting = null));
      await this.#counting;
    }
    return this.#counted + this.#admitted;
  }

  admit(): void {
    this.#admitted += 1;
  }

  /** A server that does not tell refuses nothing here: whether it starts an analysis is seen when it is asked to. */
  async #count(): Promise<void> {
    const admittedBefore = this.#admitted;
    try {
      const { count } = await this.temporal.within(DEADLINE_MS, () =>
        this.temporal.client.workflow.count(this.query),
      );
      this.#counted = count;
      this.#admitted -= admittedBefore;
    } catch {
      this.#counted = 0;
      this.#admitted = 0;
    }
    this.#countedAt = performance.now();
  }
}
