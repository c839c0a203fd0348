/** Bounds how many requests wait at once. */
export class WaiterLimit {
  #waiting = 0;

  constructor(private readonly most: number) {}

  /** What `wait` resolves with, or `otherwise` at once when too many wait already. */
  async run<T>(otherwise: T, wait: () => Promise<T>): Promise<T> {
    if (this.#waiting >= this.most) return otherwise;
    this.#waiting += 1;
    try {
      return await wait();
    } finally {
      this.#waiting -= 1;
    }
  }
}
