/** Why waiting came to its end: nothing came for a while, or it took too long in all. */
export type StallReason = 'silent' | 'slow';

/** Calls `onStall` when, while something is waited for, nothing has come for a while, or when the waits add up to too much. */
export class StallGuard {
  #silence: NodeJS.Timeout | undefined;
  #total: NodeJS.Timeout | undefined;
  #since = 0;
  #left: number;

  constructor(
    private readonly silenceMs: number,
    totalMs: number,
    private readonly onStall: (reason: StallReason) => void,
  ) {
    this.#left = totalMs;
    this.resume();
  }

  /** Something has come. */
  touch(): void {
    this.#silence?.refresh();
  }

  /** Nothing is waited for: the caller is at work. */
  pause(): void {
    if (this.#total === undefined) return;
    clearTimeout(this.#silence);
    clearTimeout(this.#total);
    this.#silence = undefined;
    this.#total = undefined;
    this.#left -= performance.now() - this.#since;
  }

  resume(): void {
    if (this.#total !== undefined) return;
    this.#since = performance.now();
    this.#silence = setTimeout(this.onStall, this.silenceMs, 'silent');
    this.#total = setTimeout(this.onStall, Math.max(0, this.#left), 'slow');
  }
}
