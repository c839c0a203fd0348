/** How long a frame of a long medium waits for short work at most: such media go on too, however much else there is. */
const LONGEST_MS = 500;
/** A processor is left when nothing short has taken it for this long: between two runs there is a moment in which nothing runs. */
const SETTLED_MS = 60;

interface Waiter {
  readonly begin: () => void;
}

/**
 * What somebody may wait for in this process: the segments of long media have only those processors that it leaves them. It is
 * the activities of short media that run here, or the runs that they are of, whichever are more: a run has a process's work at every
 * moment, if not always this one's.
 */
export class ShortWork {
  #activities = 0;
  #runs = 0;
  /** Frames of long media that are worked on. */
  #frames = 0;
  readonly #waiting = new Set<Waiter>();
  /** When short work last took all processors. */
  #fullAt = -Infinity;
  #settling: NodeJS.Timeout | null = null;

  /** @param processors how many there are, from 1 */
  constructor(private readonly processors: number) {}

  async run<T>(work: () => Promise<T>): Promise<T> {
    this.#activities += 1;
    this.#note();
    try {
      return await work();
    } finally {
      this.#note();
      this.#activities -= 1;
      this.#wake();
    }
  }

  /** Says how many runs of short media are under way. */
  set runs(count: number) {
    this.#note();
    this.#runs = count;
    this.#note();
    this.#wake();
  }

  /**
   * Resolves once a processor is left for a frame of a long medium, or a moment later.
   * @returns is called when the frame is done
   */
  async frame(): Promise<() => void> {
    if (!this.#hasRoom()) await this.#room();
    else this.#frames += 1;
    return () => {
      this.#frames -= 1;
      this.#wake();
    };
  }

  /** The same functions, each of which counts as short work while it runs. */
  counting<T extends object>(functions: T): T {
    const counted = Object.entries(functions).map(([name, run]) => [
      name,
      (...args: unknown[]) =>
        this.run(() => (run as (...all: unknown[]) => Promise<unknown>)(...args)),
    ]);
    return Object.fromEntries(counted) as T;
  }

  get #short(): number {
    return Math.max(this.#activities, this.#runs);
  }

  #note(): void {
    if (this.#short >= this.processors) this.#fullAt = performance.now();
  }

  #hasRoom(): boolean {
    if (this.#frames + this.#short >= this.processors) return false;
    return performance.now() - this.#fullAt >= SETTLED_MS;
  }

  /** With the frame counted already. */
  #room(): Promise<void> {
    return new Promise((resolve) => {
      const waiter: Waiter = {
        begin: () => {
          clearTimeout(timer);
          this.#waiting.delete(waiter);
          this.#frames += 1;
          resolve();
        },
      };
      const timer = setTimeout(waiter.begin, LONGEST_MS);
      this.#waiting.add(waiter);
    });
  }

  #wake(): void {
    if (this.#settling !== null || this.#waiting.size === 0) return;
    const settled = Math.max(0, this.#fullAt + SETTLED_MS + 1 - performance.now());
    this.#settling = setTimeout(() => {
      this.#settling = null;
      for (const waiter of this.#waiting) {
        if (!this.#hasRoom()) return;
        waiter.begin();
      }
    }, settled);
  }
}
