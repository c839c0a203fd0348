import { quantile } from '../../libs/scoring/statistics.js';

export interface Point {
  readonly x: number;
  readonly y: number;
}

/**
 * Slope of a series as Theil and Sen take it: the median of the slopes between any two points, which single points that lie
 * far off don't move. 0 for less than two points.
 */
export function theilSenSlope(points: readonly Point[]): number {
  const slopes = points.flatMap((a, i) =>
    points.slice(i + 1).flatMap((b) => (b.x === a.x ? [] : [(b.y - a.y) / (b.x - a.x)])),
  );
  return slopes.length === 0 ? 0 : quantile(slopes, 0.5);
}

/** Between what a series moves, single points that lie far off apart. */
export interface Band {
  readonly low: number;
  readonly high: number;
}

export interface Rise {
  /** Of the first half of the series, and of the second. */
  readonly first: Band;
  readonly last: Band;
  /** By which the whole band rises, for each 1 of x: its lower or its upper end, whichever rises less. */
  readonly slope: number;
}

/** Of the values that lie below a band, and above it. */
const OUTSIDE = 0.1;

/**
 * How a series moves on the whole. What is taken, and given back in its own time, goes up and down within a band that stays: one end
 * of it may seem to rise where a period is not over yet. Only what is never given back raises both.
 */
export function bandRise(points: readonly Point[]): Rise {
  const half = Math.floor(points.length / 2);
  const first = partOf(points.slice(0, half));
  const last = partOf(points.slice(-half));
  const rise = Math.min(last.band.low - first.band.low, last.band.high - first.band.high);
  const slope = half === 0 ? 0 : rise / (last.middle - first.middle);
  return { first: first.band, last: last.band, slope };
}

function partOf(points: readonly Point[]): { readonly band: Band; readonly middle: number } {
  const values = points.length === 0 ? [0] : points.map(({ y }) => y);
  const band = { low: quantile(values, OUTSIDE), high: quantile(values, 1 - OUTSIDE) };
  return { band, middle: points.reduce((sum, { x }) => sum + x / points.length, 0) };
}

/** How much higher the median of the last third lies than that of the first. */
export function riseOf(values: readonly number[]): number {
  const third = Math.max(1, Math.floor(values.length / 3));
  if (values.length < 2) return 0;
  return quantile(values.slice(-third), 0.5) - quantile(values.slice(0, third), 0.5);
}
