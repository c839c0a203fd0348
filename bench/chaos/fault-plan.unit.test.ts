import { describe, expect, it } from 'vitest';
import { planFaults, targetsWith, WAYS } from './fault-plan.js';
import { Random } from './random.js';

describe('planFaults', () => {
  it('is the same for the same seed, and another for another', () => {
    const plan = (seed: number) => planFaults(new Random(seed), 50, targetsWith('folder'));
    expect(plan(7)).toEqual(plan(7));
    expect(plan(7)).not.toEqual(plan(8));
  });

  it('has as many kills as were asked for, of every part in every way', () => {
    const targets = targetsWith('s3');
    const faults = planFaults(new Random(1), 50, targets);
    expect(faults.filter(({ way }) => way !== 'stop-and-continue')).toHaveLength(50);
    const kinds = new Set(faults.map(({ target, way }) => `${target} ${way}`));
    expect(kinds.size).toBe(targets.length * WAYS.length);
  });

  it('hits each part once before it hits one twice', () => {
    for (let seed = 0; seed < 20; seed += 1) {
      const first = planFaults(new Random(seed), 6, targetsWith('folder')).slice(0, 5);
      expect(new Set(first.map(({ target }) => target)).size).toBe(5);
    }
  });
});
