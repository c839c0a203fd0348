import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { calibrationPicture } from './pictures.js';

describe('calibrationPicture', () => {
  it('is the same everywhere, or weights would be rounded otherwise', () => {
    const hash = createHash('sha256');
    for (const index of [0, 1, 47]) hash.update(calibrationPicture(index, 64));
    expect(hash.digest('hex')).toBe(
      '85d804d6de7c45d1e8779af3863646e3ef3e5a37d32f814fbbd349069f75577f',
    );
  });

  it('has pictures from dark to pale and from flat to hard', () => {
    const pictures = Array.from({ length: 48 }, (_, i) => [...calibrationPicture(i, 32)]);
    const means = pictures.map((p) => p.reduce((sum, value) => sum + value, 0) / p.length);
    const spreads = pictures.map((p, i) =>
      Math.sqrt(p.reduce((sum, value) => sum + (value - means[i]!) ** 2, 0) / p.length),
    );
    expect(Math.min(...means)).toBeLessThan(70);
    expect(Math.max(...means)).toBeGreaterThan(180);
    expect(Math.min(...spreads)).toBeLessThan(40);
    expect(Math.max(...spreads)).toBeGreaterThan(75);
  });
});
