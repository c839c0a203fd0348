import { describe, expect, it } from 'vitest';
import { decide, FAKE_THRESHOLD, REAL_THRESHOLD } from './verdict.js';

describe('decide', () => {
  const seen = { meanRisk: 10, framesWithFace: 30, coverage: 1 };

  it.each([
    [0, 'likely_real'],
    [REAL_THRESHOLD, 'likely_real'],
    [REAL_THRESHOLD + 0.01, 'inconclusive'],
    [FAKE_THRESHOLD - 0.01, 'inconclusive'],
    [FAKE_THRESHOLD, 'likely_fake'],
    [100, 'likely_fake'],
  ] as const)('a risk of %d is %s', (riskScore, verdict) => {
    expect(decide({ ...seen, riskScore }).verdict).toBe(verdict);
  });

  it('keeps to other thresholds where some are given', () => {
    const thresholds = { fake: 50, real: 20 };
    const verdictOf = (riskScore: number) => decide({ ...seen, riskScore }, thresholds).verdict;
    expect([20, 21, 49, 50].map(verdictOf)).toEqual([
      'likely_real',
      'inconclusive',
      'inconclusive',
      'likely_fake',
    ]);
  });

  it('never calls real what was not looked at', () => {
    expect(decide({ ...seen, riskScore: 5, framesWithFace: 0 })).toEqual({
      verdict: 'inconclusive',
      reasons: ['risk_at_or_below_real_threshold', 'no_face_found'],
    });
    expect(decide({ ...seen, riskScore: 5, coverage: 0.5 })).toEqual({
      verdict: 'inconclusive',
      reasons: ['risk_at_or_below_real_threshold', 'coverage_too_low'],
    });
  });

  it('says when only a part of the medium is suspicious', () => {
    expect(decide({ ...seen, riskScore: 95, meanRisk: 40 }).reasons).toContain(
      'high_risk_in_part_of_the_media',
    );
    expect(decide({ ...seen, riskScore: 95, meanRisk: 90 }).reasons).toEqual([
      'risk_at_or_above_fake_threshold',
    ]);
  });
});
