import type { Span } from './coverage.js';
import { quantile } from './statistics.js';

/** A sample of the first pass: the time it stands for, and its fake probability, 0..1. */
export interface ScoredShare {
  readonly from: number;
  readonly to: number;
  readonly p: number;
}

/** What a second look may cost. */
export interface CloserLookBudget {
  readonly durationSeconds: number;
  /** Seconds that may be looked at again. */
  readonly seconds: number;
}

/** Below this no sample is worth a second look: it is the risk up to which media count as real. */
const LEAST_PROBABILITY = 0.3;
/** How many standard deviations above the rest a score must be. */
const DEVIATIONS = 3;
/** Makes the median absolute deviation of normally distributed values their standard deviation. */
const MAD_SCALE = 1.4826;
/** What begins before a sample and ends after it must be seen too. */
const MARGIN_SECONDS = 1;

/** The fake probability above which a sample stands out: 0.3, or three robust deviations above the median. */
export function closerLookThreshold(probabilities: readonly number[]): number {
  const median = quantile(probabilities, 0.5);
  const deviations = probabilities.map((p) => Math.abs(p - median));
  const spread = MAD_SCALE * quantile(deviations, 0.5);
  return Math.max(LEAST_PROBABILITY, median + DEVIATIONS * spread);
}

/**
 * The spans to look at again, more densely: around the samples whose scores stand out from the rest, with a second to either
 * side, joined where they meet. Where they are more than the budget, those of the highest scores are taken, and of the
 * last one the part around its highest sample. The same samples give the same spans.
 *
 * @param shares in order of time
 * @returns in order of time, without overlap
 */
export function closerLook(
  shares: readonly ScoredShare[],
  { durationSeconds, seconds }: CloserLookBudget,
): readonly Span[] {
  if (shares.length === 0) return [];
  const threshold = closerLookThreshold(shares.map(({ p }) => p));
  const rising = shares.filter(({ p }) => p > threshold);
  const spans = joined(rising, durationSeconds).sort((a, b) => b.peak.p - a.peak.p);
  let left = seconds;
  const taken: Span[] = [];
  for (const { from, to, peak } of spans) {
    const length = Math.min(to - from, left);
    // Less would hold no sample that the first pass has not.
    if (length < MARGIN_SECONDS) break;
    const begin = Math.max(from, Math.min((peak.from + peak.to - length) / 2, to - length));
    taken.push([begin, begin + length]);
    left -= length;
  }
  return taken.sort(([a], [b]) => a - b);
}

interface RisingSpan {
  from: number;
  to: number;
  peak: ScoredShare;
}

function joined(rising: readonly ScoredShare[], durationSeconds: number): RisingSpan[] {
  const spans: RisingSpan[] = [];
  for (const share of rising) {
    const from = Math.max(0, share.from - MARGIN_SECONDS);
    const to = Math.min(durationSeconds, share.to + MARGIN_SECONDS);
    const last = spans.at(-1);
    if (last === undefined || from > last.to) {
      spans.push({ from, to, peak: share });
      continue;
    }
    last.to = Math.max(last.to, to);
    if (share.p > last.peak.p) last.peak = share;
  }
  return spans;
}
