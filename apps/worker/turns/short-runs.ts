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
   * @param ended resolves when it has, or need not be waited for; the signal says that nobody waits any more. Must not reject
   */
  async count(runId: string, ended: (signal: AbortSignal) => Promise<void>): Promise<void> {
    if (this.#runs.has(runId)) return;
    this.#runs.add(runId);
    this.onChange();
    const over = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const longest = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, LONGEST_MS).unref();
    });
    await Promise.race([ended(over.signal), longest]);
    clearTimeout(timer);
    over.abort();
    this.#runs.delete(runId);
    this.onChange();
  }
}
