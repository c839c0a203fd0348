import { quantile } from '../libs/scoring/statistics.js';

export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
}

/** Median and 95th percentile, to a tenth. */
export function percentiles(values: readonly number[]): Percentiles {
  const tenth = (value: number) => Math.round(value * 10) / 10;
  return { p50: tenth(quantile(values, 0.5)), p95: tenth(quantile(values, 0.95)) };
}
