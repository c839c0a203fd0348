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

/** How much higher the median of the last third lies than that of the first. */
export function riseOf(values: readonly number[]): number {
  const third = Math.max(1, Math.floor(values.length / 3));
  if (values.length < 2) return 0;
  return quantile(values.slice(-third), 0.5) - quantile(values.slice(0, third), 0.5);
}
