/** Hands items from events to whoever awaits them, in order. */
export class Mailbox<T> {
  readonly #items: T[] = [];
  readonly #waiting: ((item: T | null) => void)[] = [];
  #ended = false;

  push(item: T): void {
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#items.push(item);
    else waiting(item);
  }

  /** Nothing comes any more; what is there can still be taken. */
  end(): void {
    this.#ended = true;
    for (const waiting of this.#waiting.splice(0)) waiting(null);
  }

  /** Whether nothing lies in it. */
  get isEmpty(): boolean {
    return this.#items.length === 0;
  }

  /** The next item, or null once none will come. */
  async next(): Promise<T | null> {
    const item = this.#items.shift();
    if (item !== undefined) return item;
    if (this.#ended) return null;
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
