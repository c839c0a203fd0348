import { targetsBefore } from './target-times.js';

/** A frame that the decoder chose. */
export interface ChosenFrame {
  /** Index of the target; null where there are none. */
  readonly target: number | null;
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
 * index, or the frame's own time where there are no targets, before each frame that goes out. A target's frame is the last
 * decoded one before the first that is too late for it.
 */
export class FrameLog {
  /** Frames decoded so far. */
  decoded = 0;
  readonly #latest: readonly number[] | null;
  /** Times of decoded frames from the one on screen now. */
  readonly #shown: number[] = [];
  #pts: number | null = null;

  /** @param latest see `latestMicros`; null where frames are not chosen by targets */
  constructor(latest: readonly number[] | null) {
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
    if (this.#latest !== null) this.#shown.push(micros);
    return { stage: 'decoded', micros };
  }

  #chosen(value: number): FrameNote | null {
    const latest = this.#latest;
    if (latest === null) return { stage: 'chosen', target: null, micros: value, followed: false };
    const target = value;
    while (this.#shown[1] !== undefined && targetsBefore(latest, this.#shown[1]) <= target) {
      this.#shown.shift();
    }
    const micros = this.#shown[0];
    if (micros === undefined) return null;
    return { stage: 'chosen', target, micros, followed: this.#shown.length > 1 };
  }
}
