import {
  clamp,
  mean,
  populationVariance,
  quantile,
  roundToCents,
  weightedMean,
  weightedQuantile,
  weightedVariance,
} from './statistics.js';

/** The score fields of the service that this one replaces: percentages 0..100, 2 decimals. */
export interface SeedScoreFields {
  readonly video_score: number;
  readonly peak_risk: number;
  readonly mean_risk: number;
  readonly audio_score: number;
  readonly gan_fingerprint: number;
  readonly temporal_consistency: number;
  readonly risk_score: number;
  readonly confidence: number;
}

/** A peak this many points above the 90th percentile pulls the risk up. */
const PEAK_LEAD = 10;
const PEAK_WEIGHT = 0.3;
/** Points of temporal consistency lost per unit of variance of the probabilities. */
const INCONSISTENCY = 1000;

/**
 * Score fields from the fake probabilities of the scored frames.
 *
 * - video_score = gan_fingerprint = 100 · P90 (linear interpolation); peak_risk = 100 · max; mean_risk = 100 · mean
 * - temporal_consistency = clamp(100 − 1000 · population variance, 0, 100) for video of several frames, else 100
 * - risk_score = video_score, or 0.7 · video_score + 0.3 · peak_risk where the peak is more than 10 points above
 * - confidence = 100 · mean(max(p, 1 − p)); audio_score = 0, as no audio is analysed
 *
 * Samples that don't lie evenly count by the time that each stands for: looking closer at a part of a video must not make
 * that part longer. The peak is the highest sample, whatever it stands for.
 *
 * @param probabilities fake probability of each scored frame, 0..1, in order of time; not empty
 * @param weights what each sample counts, 0 or more and not all 0; null = all alike, as the replaced service has it
 * @throws RangeError on an empty list or a value outside 0..1
 */
export function seedScores(
  probabilities: readonly number[],
  isVideo: boolean,
  weights: readonly number[] | null = null,
): SeedScoreFields {
  if (probabilities.length === 0)
    throw new RangeError('expected at least one fake probability, got none');
  for (const p of probabilities) {
    if (!(p >= 0 && p <= 1))
      throw new RangeError(`expected fake probabilities from 0 to 1, got ${p}`);
  }
  const meanOf = (values: readonly number[]) =>
    weights === null ? mean(values) : weightedMean(values, weights);
  const video =
    100 *
    (weights === null
      ? quantile(probabilities, 0.9)
      : weightedQuantile(probabilities, weights, 0.9));
  const peak = 100 * probabilities.reduce((most, p) => Math.max(most, p), 0);
  const consistency =
    isVideo && probabilities.length > 1
      ? clamp(100 - INCONSISTENCY * varianceOf(probabilities, weights), 0, 100)
      : 100;
  const risk = peak > video + PEAK_LEAD ? (1 - PEAK_WEIGHT) * video + PEAK_WEIGHT * peak : video;
  const confidence = 100 * meanOf(probabilities.map((p) => Math.max(p, 1 - p)));
  return {
    video_score: roundToCents(video),
    peak_risk: roundToCents(peak),
    mean_risk: roundToCents(100 * meanOf(probabilities)),
    audio_score: 0,
    gan_fingerprint: roundToCents(video),
    temporal_consistency: roundToCents(consistency),
    risk_score: roundToCents(clamp(risk, 0, 100)),
    confidence: roundToCents(confidence),
  };
}

const varianceOf = (values: readonly number[], weights: readonly number[] | null): number =>
  weights === null ? populationVariance(values) : weightedVariance(values, weights);
