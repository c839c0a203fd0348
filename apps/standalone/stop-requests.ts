/** A signal that comes this soon after the first is the same one: npm passes on what the terminal has sent to all already. */
const SAME_REQUEST_MS = 1_000;

/** Tells what a signal to stop means: drain, the same request again, or impatience. */
export class StopRequests {
  #first: number | null = null;

  /** @param now ms */
  meaningOf(now: number): 'drain' | 'repeated' | 'force' {
    if (this.#first === null) {
      this.#first = now;
      return 'drain';
    }
    return now - this.#first < SAME_REQUEST_MS ? 'repeated' : 'force';
  }
}
