/** Calls `onStall` when, while something is waited for, nothing has come for a while. */
export class StallGuard {
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly milliseconds: number,
    private readonly onStall: () => void,
  ) {
    this.resume();
  }

  /** Something has come. */
  touch(): void {
    this.#timer?.refresh();
  }

  /** Nothing is waited for: the caller is at work. */
  pause(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  resume(): void {
    this.#timer ??= setTimeout(this.onStall, this.milliseconds);
  }
}
