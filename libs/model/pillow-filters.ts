/** Pillow's number of a resampling filter: 1 Lanczos (3 lobes), 2 bilinear, 3 bicubic (a = −0.5). */
export type Resample = 1 | 2 | 3;

/** Fixed-point precision of the weights: 32 bits less 8 of the pixel and 2 of headroom (`PRECISION_BITS` in Pillow). */
export const FRACTION_BITS = 22;

/** For each output position: the first input position, how many inputs, and their weights (row of `taps`). */
export interface Coefficients {
  readonly first: Int32Array;
  readonly count: Int32Array;
  readonly taps: number;
  readonly weights: Int32Array;
}

interface Filter {
  readonly support: number;
  readonly weight: (x: number) => number;
}

const sinc = (x: number) => (x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI));

const FILTERS: Readonly<Record<Resample, Filter>> = {
  1: { support: 3, weight: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
  2: { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  3: { support: 2, weight: cubic },
};

/** Keys 1981 with a = −0.5, as Pillow writes it down (the order of operations decides the last bit). */
function cubic(x: number): number {
  const a = -0.5;
  const d = Math.abs(x);
  if (d < 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  if (d < 2) return (((d - 5) * d + 8) * d - 4) * a;
  return 0;
}

/** Faces differ in size from frame to frame, but a track's sizes come again: a few hundred small tables are enough. */
const CACHE_ENTRIES = 256;
const cache = new Map<string, Coefficients>();

/** Weights for resizing a line of `from` pixels to `to` pixels; null when nothing is to be done. */
export function coefficientsFor(from: number, to: number, resample: Resample): Coefficients | null {
  if (from === to) return null;
  const key = `${from} ${to} ${resample}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const computed = computeCoefficients(from, to, FILTERS[resample]);
  const oldest = cache.keys().next();
  if (cache.size >= CACHE_ENTRIES && oldest.done !== true) cache.delete(oldest.value);
  cache.set(key, computed);
  return computed;
}

/** `precompute_coeffs` and `normalize_coeffs_8bpc` of Pillow's Resample.c. */
function computeCoefficients(from: number, to: number, filter: Filter): Coefficients {
  const scale = from / to;
  const filterScale = Math.max(scale, 1);
  const support = filter.support * filterScale;
  const taps = Math.ceil(support) * 2 + 1;
  const first = new Int32Array(to);
  const count = new Int32Array(to);
  const weights = new Int32Array(to * taps);
  const line = new Float64Array(taps);
  for (let position = 0; position < to; position++) {
    const centre = (position + 0.5) * scale;
    const least = Math.max(0, Math.trunc(centre - support + 0.5));
    const most = Math.min(from, Math.trunc(centre + support + 0.5));
    let total = 0;
    for (let k = 0; k < most - least; k++) {
      const weight = filter.weight((k + least - centre + 0.5) * (1 / filterScale));
      line[k] = weight;
      total += weight;
    }
    for (let k = 0; k < most - least; k++) {
      const weight = total === 0 ? (line[k] ?? 0) : (line[k] ?? 0) / total;
      weights[position * taps + k] = toFixedPoint(weight);
    }
    first[position] = least;
    count[position] = most - least;
  }
  return { first, count, taps, weights };
}

/** Rounds half away from zero. */
function toFixedPoint(weight: number): number {
  return Math.trunc((weight < 0 ? -0.5 : 0.5) + weight * (1 << FRACTION_BITS));
}
