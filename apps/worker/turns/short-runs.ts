/** No run counts for longer: what holds it up is not this worker, or nobody will ever say that it has ended. */
const LONGEST_MS = 60_000;

/** The runs of short media that this worker has given a turn and that are under way. */
export class ShortRuns {
  readonly #runs = new Set<string>();

  /** @param onChange is called when there are more or fewer than before */
  constructor(private readonly onChange: () => void) {}

  get size(): number {
    return this.#runs.size;
  }

  /**
   * Counts a run until it has ended; one that is counted already is not counted twice.
   *
   * @param ended resolves when it has; is told to give up after a minute. Must not reject
   */
  async count(runId: string, ended: (signal: AbortSignal) => Promise<void>): Promise<void> {
    if (this.#runs.has(runId)) return;
    this.#runs.add(runId);
    this.onChange();
    const longest = new AbortController();
    const timer = setTimeout(() => {
      longest.abort();
    }, LONGEST_MS).unref();
    const aborted = new Promise<void>((resolve) => {
      longest.signal.addEventListener(
        'abort',
        () => {
          resolve();
        },
        { once: true },
      );
    });
    await Promise.race([ended(longest.signal), aborted]);
    clearTimeout(timer);
    this.#runs.delete(runId);
    this.onChange();
  }
}
