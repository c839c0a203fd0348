import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seedScores } from './seed-scores.js';

interface Vector {
  media: 'IMAGE' | 'VIDEO';
  p: number[];
  scores: Record<string, number>;
}
interface Golden {
  scores: { media_type: 'IMAGE' | 'VIDEO'; p_fake: number[]; fields: Record<string, number> }[];
}

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../test/fixtures/golden/${name}`, import.meta.url), 'utf8'));

describe('seedScores', () => {
  const vectors = read('score-vectors.json') as Vector[];
  const golden = (read('golden.json') as Golden).scores;

  it('gives what the replaced service gives, to the last of its 2 decimals', () => {
    expect(vectors).toHaveLength(160);
    for (const { media, p, scores } of vectors)
      expect(seedScores(p, media === 'VIDEO')).toEqual(scores);
  });

  it('gives what NumPy gives', () => {
    expect(golden.length).toBeGreaterThan(5);
    for (const { media_type, p_fake, fields } of golden) {
      expect(seedScores(p_fake, media_type === 'VIDEO')).toEqual(fields);
    }
  });

  it('stays within 0 and 100 whatever the probabilities', () => {
    const probabilities = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1 });
    fc.assert(
      fc.property(probabilities, fc.boolean(), (p, isVideo) => {
        for (const value of Object.values(seedScores(p, isVideo))) {
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(100);
        }
      }),
    );
  });

  it('gives the same where all weights are alike, whatever they are', () => {
    const probabilities = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1 });
    const weight = fc.double({ min: 0.001, max: 1000, noNaN: true });
    fc.assert(
      fc.property(probabilities, weight, (p, each) => {
        const plain = seedScores(p, true);
        const weighted = seedScores(
          p,
          true,
          p.map(() => each),
        );
        for (const [name, value] of Object.entries(plain))
          expect(Math.abs(value - weighted[name as keyof typeof weighted])).toBeLessThan(0.0101);
      }),
    );
  });

  it('does not change when a part is sampled more densely and scores as before', () => {
    const once = seedScores([0.1, 0.2, 0.9, 0.1], true, [1, 1, 1, 1]);
    const closer = seedScores(
      [0.1, 0.2, 0.9, 0.9, 0.9, 0.9, 0.9, 0.1],
      true,
      [1, 1, 0.2, 0.2, 0.2, 0.2, 0.2, 1],
    );
    expect(closer).toMatchObject({
      mean_risk: once.mean_risk,
      peak_risk: once.peak_risk,
      temporal_consistency: once.temporal_consistency,
      confidence: once.confidence,
    });
    // Five samples of the peak now bound the line to it closer than one did.
    expect(Math.abs(closer.video_score - once.video_score)).toBeLessThan(25);
    expect(seedScores([0.1, 0.2, 0.9, 0.9, 0.9, 0.9, 0.9, 0.1], true).mean_risk).toBeGreaterThan(
      once.mean_risk + 20,
    );
  });

  it('refuses nothing and nonsense', () => {
    expect(() => seedScores([], true)).toThrow('got none');
    expect(() => seedScores([0.5, NaN], true)).toThrow('got NaN');
  });
});
