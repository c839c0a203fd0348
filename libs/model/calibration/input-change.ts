import type { InputStatistics } from './calibration.js';

/** Of each input `x`, so that the layer gets `(x − centre) / factor`. */
export interface InputChange {
  readonly centre: Float64Array;
  /** At least 1. */
  readonly factors: Float64Array;
}

/** An input that spreads more than {@link WIDEST} times as far as the middle one is brought to {@link BROUGHT_TO}: all share the range of 8 bits. */
const WIDEST = 4;
const BROUGHT_TO = 2;

/** The change that takes the mean away, and brings those inputs closer that spread far more than the others. */
export function changeOf({ moments, mean }: InputStatistics): InputChange {
  const inputs = mean.length;
  const spreads = Float64Array.from({ length: inputs }, (_, i) =>
    Math.sqrt(moments[i * inputs + i] as number),
  );
  const middle = Float64Array.from(spreads).sort()[inputs >> 1] as number;
  return {
    centre: Float64Array.from(mean, (value) => (Number.isFinite(value) ? value : 0)),
    factors: spreads.map((spread) => factorOf(spread / middle)),
  };
}

/** @param times the middle one's spread; no number where inputs grew beyond all, which the model's own answers tell of */
function factorOf(times: number): number {
  return Number.isFinite(times) && times > WIDEST ? times / BROUGHT_TO : 1;
}

/** The statistics of inputs that are changed. */
export function changed({ moments, mean }: InputStatistics, change: InputChange): InputStatistics {
  const inputs = mean.length;
  const factor = (i: number) => change.factors[i] as number;
  return {
    moments: moments.map((value, i) => value / factor(Math.floor(i / inputs)) / factor(i % inputs)),
    mean: mean.map((value, i) => (value - (change.centre[i] as number)) / factor(i)),
  };
}
