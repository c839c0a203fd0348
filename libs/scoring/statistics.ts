/** Mean of a non-empty list. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Population variance (divisor n) of a non-empty list. */
export function populationVariance(values: readonly number[]): number {
  const centre = mean(values);
  return mean(values.map((value) => (value - centre) ** 2));
}

/**
 * The q-th quantile (0..1) with linear interpolation between order statistics, as NumPy's default method:
 * Hyndman & Fan 1996, definition 7.
 */
export function quantile(values: readonly number[], q: number): number {
  const sorted = Float64Array.from(values).sort();
  const position = (sorted.length - 1) * q;
  const below = sorted[Math.floor(position)] ?? NaN;
  const above = sorted[Math.ceil(position)] ?? NaN;
  return below + (above - below) * (position - Math.floor(position));
}

/** Mean of values that count by their weights, which are 0 or more and not all 0. */
export function weightedMean(values: readonly number[], weights: readonly number[]): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return values.reduce((sum, value, i) => sum + value * (weights[i] ?? NaN), 0) / total;
}

/** Population variance of values that count by their weights. */
export function weightedVariance(values: readonly number[], weights: readonly number[]): number {
  const centre = weightedMean(values, weights);
  return weightedMean(
    values.map((value) => (value - centre) ** 2),
    weights,
  );
}

/**
 * The q-th quantile (0..1) of values that count by their weights. Each value lies in the middle of its weight, the lowest
 * at 0 and the highest at 1, and between them the line is straight: with equal weights this is {@link quantile}.
 */
export function weightedQuantile(
  values: readonly number[],
  weights: readonly number[],
  q: number,
): number {
  const sorted = values
    .map((value, i) => ({ value, weight: weights[i] ?? NaN }))
    .sort((a, b) => a.value - b.value);
  let sum = 0;
  const middles = sorted.map(({ weight }) => {
    sum += weight;
    return sum - weight / 2;
  });
  const lowest = middles[0] ?? NaN;
  const highest = middles.at(-1) ?? NaN;
  const position = lowest + q * (highest - lowest);
  const above = middles.findIndex((middle) => middle >= position);
  const high = sorted[above]?.value ?? sorted.at(-1)?.value ?? NaN;
  const from = middles[above - 1];
  const to = middles[above];
  if (from === undefined || to === undefined || to <= from) return high;
  const low = sorted[above - 1]?.value ?? NaN;
  return low + ((high - low) * (position - from)) / (to - from);
}

export function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}

/**
 * Rounds to 2 decimals as Python's `round` does: the exact binary value decides, and a tie (only possible at
 * eighths, such as 0.125) goes to the even digit.
 */
export function roundToCents(value: number): number {
  const isTie = Number.isInteger(value * 8) && !Number.isInteger(value * 4);
  if (!isTie) return Number(value.toFixed(2));
  const below = Math.floor(value * 100);
  return (below % 2 === 0 ? below : below + 1) / 100;
}
