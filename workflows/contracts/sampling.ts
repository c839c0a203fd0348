/**
 * Which frames of a video are looked at, with every default filled in, so that equal wishes are equal values.
 *
 * - `even`: `frames` samples, spread evenly over the whole duration
 * - `fps`: `fps` samples a second
 * - `keyframes`: the frames that the encoder stored whole, at most `fps` a second; nothing else is decoded
 */
export type Sampling =
  | { readonly policy: 'even'; readonly frames: number }
  | { readonly policy: 'fps' | 'keyframes'; readonly fps: number };

/** What may be asked for. */
export const SAMPLING_BOUNDS = {
  frames: { least: 1, most: 2000, standard: 30 },
  /** Samples a second. The least is one in ten seconds: beyond, samples no longer stand for all of the time. */
  fps: { least: 0.1, most: 30, standard: 1 },
} as const;
