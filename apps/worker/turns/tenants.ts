/** Time in which what a tenant has had loses two thirds of its weight. */
const MEMORY_MS = 10_000;
/** Less than this part of another one's counts as much less. */
const MUCH_LESS = 0.5;
/** Runs that make no difference. */
const FEW = 2;
/** How long one step gives way at most, so that both go on whatever the other one waits for. */
const LONGEST_MS = 150;

interface Use {
  underWay: number;
  /** Runs begun, the older the less. */
  had: number;
  at: number;
}

/**
 * Which tenants' runs are under way in this worker, and what each has had lately. A step of one that has had much gives way for a
 * moment to a run of one that has had much less: turns on the queues alone would still have them share the processors.
 */
export class Tenants {
  readonly #uses = new Map<string, Use>();
  readonly #waiting = new Set<() => void>();

  began(tenant: string): void {
    const use = this.#of(tenant);
    use.underWay += 1;
    use.had = weighed(use) + 1;
    use.at = performance.now();
  }

  ended(tenant: string): void {
    const use = this.#of(tenant);
    use.underWay -= 1;
    for (const wake of [...this.#waiting]) wake();
    for (const [name, each] of this.#uses)
      if (each.underWay === 0 && weighed(each) < 0.01) this.#uses.delete(name);
  }

  /** Resolves when no run of a tenant is under way that has had much less than this one, or a moment later. */
  async turn(tenant: string): Promise<void> {
    if (!this.#givesWay(tenant)) return;
    await new Promise<void>((resolve) => {
      const end = () => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        resolve();
      };
      const wake = () => {
        if (!this.#givesWay(tenant)) end();
      };
      const timer = setTimeout(end, LONGEST_MS);
      this.#waiting.add(wake);
    });
  }

  #givesWay(tenant: string): boolean {
    const own = weighed(this.#of(tenant));
    return [...this.#uses].some(
      ([other, use]) =>
        other !== tenant && use.underWay > 0 && weighed(use) + FEW < own * MUCH_LESS,
    );
  }

  #of(tenant: string): Use {
    const known = this.#uses.get(tenant);
    if (known !== undefined) return known;
    const use = { underWay: 0, had: 0, at: performance.now() };
    this.#uses.set(tenant, use);
    return use;
  }
}

function weighed({ had, at }: Use): number {
  return had * Math.exp((at - performance.now()) / MEMORY_MS);
}
