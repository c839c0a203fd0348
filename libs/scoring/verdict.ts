/** Risk (0..100) from which on the verdict is "likely fake". */
export const FAKE_THRESHOLD = 70;
/** Risk (0..100) up to which the verdict is "likely real". */
export const REAL_THRESHOLD = 30;
/** Below this share of the medium analysed, "likely real" would be a guess about what was not seen. */
const LEAST_COVERAGE = 0.9;

/** Risks (0..100) that part the verdicts, `real` below `fake`. */
export interface Thresholds {
  readonly fake: number;
  readonly real: number;
}

export const STANDARD_THRESHOLDS: Thresholds = { fake: FAKE_THRESHOLD, real: REAL_THRESHOLD };

export interface VerdictInput {
  /** 0..100. */
  readonly riskScore: number;
  /** 0..100. */
  readonly meanRisk: number;
  /** Scored frames in which a face was found. */
  readonly framesWithFace: number;
  /** Share of the medium's time or frames that was analysed, 0..1. */
  readonly coverage: number;
}

export interface Decision {
  readonly verdict: 'likely_fake' | 'likely_real' | 'inconclusive';
  readonly reasons: readonly (
    | 'risk_at_or_above_fake_threshold'
    | 'risk_at_or_below_real_threshold'
    | 'risk_between_thresholds'
    | 'high_risk_in_part_of_the_media'
    | 'no_face_found'
    | 'coverage_too_low'
  )[];
}

/**
 * The verdict and why. High risk counts wherever it was seen; "likely real" needs a face and nearly all of the
 * medium, as not having looked is no evidence of being real.
 */
export function decide(
  input: VerdictInput,
  { fake, real }: Thresholds = STANDARD_THRESHOLDS,
): Decision {
  const { riskScore, meanRisk, framesWithFace, coverage } = input;
  const doubts = [
    ...(framesWithFace === 0 ? (['no_face_found'] as const) : []),
    ...(coverage < LEAST_COVERAGE ? (['coverage_too_low'] as const) : []),
  ];
  if (riskScore >= fake) {
    const inPart = meanRisk < fake ? (['high_risk_in_part_of_the_media'] as const) : [];
    return {
      verdict: 'likely_fake',
      reasons: ['risk_at_or_above_fake_threshold', ...inPart, ...doubts],
    };
  }
  if (riskScore > real) {
    return { verdict: 'inconclusive', reasons: ['risk_between_thresholds', ...doubts] };
  }
  return {
    verdict: doubts.length === 0 ? 'likely_real' : 'inconclusive',
    reasons: ['risk_at_or_below_real_threshold', ...doubts],
  };
}
