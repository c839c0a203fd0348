/** How long a frame of a long medium waits for short work at most: such media go on too, however much else there is. */
const LONGEST_MS = 200;

/** What somebody may wait for in this process: while there is any, the segments of long media leave it the processors. */
export class ShortWork {
  #underWay = 0;
  readonly #waiting = new Set<() => void>();

  async run<T>(work: () => Promise<T>): Promise<T> {
    this.#underWay += 1;
    try {
      return await work();
    } finally {
      this.#underWay -= 1;
      if (this.#underWay === 0) for (const wake of [...this.#waiting]) wake();
    }
  }

  /** Resolves once there is none under way, or a moment later. */
  pause(): Promise<void> {
    if (this.#underWay === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, LONGEST_MS);
      this.#waiting.add(wake);
    });
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
}
