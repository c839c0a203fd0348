import { describe, expect, it } from 'vitest';
import { partsOf } from './parts.js';

describe('partsOf', () => {
  it('has a process for each model, named by its alias', () => {
    const plan = { ownTemporal: null, dataDir: '/data', models: ['default', 'fast'], env: {} };
    const shown = partsOf(plan).map((group) =>
      group.map(({ name, args }) => [name, ...args.slice(1)]),
    );
    expect(shown).toEqual([
      [],
      [
        ['media', 'media'],
        ['inference', 'inference', 'default'],
        ['inference-fast', 'inference', 'fast'],
      ],
      [['api']],
    ]);
  });
});
