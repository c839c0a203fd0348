import { targetsBefore } from './target-times.js';

/** The frame that the decoder chose for a target. */
export interface ChosenFrame {
  /** Index of the target. */
  readonly target: number;
  /** The frame's own time in microseconds. */
  readonly micros: number;
  /** Whether a later frame was decoded by then. */
  readonly followed: boolean;
}

/** A line of the log that says something. */
export type FrameNote =
  | { readonly stage: 'decoded'; readonly micros: number }
  | ({ readonly stage: 'chosen' } & ChosenFrame);

/**
 * Reads the two places in the filter graph that print: `decoded` with each frame's own time, and `chosen` with the target's
 * index before each frame that goes out. A target's frame is the last decoded one before the first that is too late
 * for it.
 */
export class FrameLog {
  /** Frames decoded so far. */
  decoded = 0;
  readonly #latest: readonly number[];
  /** Times of decoded frames from the one on screen now. */
  readonly #shown: number[] = [];
  #pts: number | null = null;

  /** @param latest see `latestMicros` */
  constructor(latest: readonly number[]) {
    this.#latest = latest;
  }

  /**
   * Takes the next line: `frame:12   pts:480000  pts_time:0.48`, then `stage=decoded` or `stage=chosen`.
   * @returns what is known once a frame's second line is read, else null
   */
  read(line: string): FrameNote | null {
    const pts = /^frame:\d+\s+pts:(-?\d+)/.exec(line)?.[1];
    if (pts !== undefined) {
      this.#pts = Number(pts);
      return null;
    }
    const stage = /^stage=(decoded|chosen)$/.exec(line)?.[1];
    if (stage === undefined || this.#pts === null) return null;
    const value = this.#pts;
    this.#pts = null;
    return stage === 'decoded' ? this.#decoded(value) : this.#chosen(value);
  }

  #decoded(micros: number): FrameNote {
    this.decoded += 1;
    this.#shown.push(micros);
    return { stage: 'decoded', micros };
  }

  #chosen(target: number): FrameNote | null {
    while (this.#shown[1] !== undefined && targetsBefore(this.#latest, this.#shown[1]) <= target) {
      this.#shown.shift();
    }
    const micros = this.#shown[0];
    if (micros === undefined) return null;
    return { stage: 'chosen', target, micros, followed: this.#shown.length > 1 };
  }
}
