import { describe, expect, it } from 'vitest';
import { planFaults, targetsWith } from './fault-plan.js';
import { planLoad } from './load.js';
import type { Medium } from './media.js';
import { Random } from './random.js';

const media = (kind: Medium['kind'], count: number): Medium[] =>
  Array.from({ length: count }, (_, i) => ({ name: `${kind}-${i}`, kind, file: '' }));
const plan = (seed: number, videos = 9) => {
  const random = new Random(seed);
  const faults = planFaults(random, 20, targetsWith('folder'));
  return {
    faults,
    ...planLoad(random, [...media('image', 26), ...media('video', videos)], faults),
  };
};

describe('planLoad', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(plan(11)).toEqual(plan(11));
    expect(plan(11)).not.toEqual(plan(12));
  });

  it('has a video for each fault of a decoder that nothing has sent before it', () => {
    for (let seed = 0; seed < 20; seed += 1) {
      const { faults, batches, decoded } = plan(seed);
      const due = faults.flatMap(({ target }, i) => (target === 'ffmpeg' ? [i] : []));
      expect([...decoded.keys()]).toEqual(due);
      for (const [fault, { medium }] of decoded) {
        expect(medium.kind).toBe('video');
        const earlier = batches.slice(0, fault + 1).flat();
        expect(earlier.map(({ medium: { name } }) => name)).not.toContain(medium.name);
      }
    }
  });

  it('sends each medium', () => {
    const { batches, decoded } = plan(11);
    const sent = [...batches.flat(), ...decoded.values()].map(({ medium }) => medium.name);
    expect(new Set(sent).size).toBe(26 + 9);
  });

  it('is refused where there are too few videos for the faults', () => {
    expect(() => plan(11, 1)).toThrow('Expected a video for each of');
  });
});
