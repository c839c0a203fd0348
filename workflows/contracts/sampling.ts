/**
 * Which frames of a video are looked at, with every default filled in, so that equal wishes are equal values.
 *
 * - `even`: `frames` samples, spread evenly over the whole duration
 * - `fps`: `fps` samples a second
 * - `keyframes`: the frames that the encoder stored whole, at most `fps` a second; nothing else is decoded
 * - `adaptive`: a first pass over all of it, then up to `fps` a second where scores rise above the rest
 */
export type Sampling =
  | { readonly policy: 'even'; readonly frames: number }
  | { readonly policy: 'fps' | 'keyframes' | 'adaptive'; readonly fps: number };

/** What may be asked for. */
export const SAMPLING_BOUNDS = {
  frames: { least: 1, most: 2000, standard: 30 },
  /** Samples a second. The least is one in ten seconds: beyond, samples no longer stand for all of the time. */
  fps: { least: 0.1, most: 30, standard: 1 },
  /** Samples a second of a second look, those of the first pass included. */
  adaptiveFps: { least: 2, most: 5, standard: 5 },
} as const;
