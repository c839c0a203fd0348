import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { partsOf } from './parts.js';
import { projectRoot } from './project-root.js';

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

  it.each([
    { own: 'media', other: 'inference', name: 'MALLOC_ARENA_MAX', value: '2' },
    { own: 'inference', other: 'media', name: 'MALLOC_MMAP_THRESHOLD_', value: '1048576' },
  ])(
    'tells the C library of the $own worker what to keep, here and in its image',
    ({ own, other, name, value }) => {
      const settingOf = (env: Record<string, string>, part: string) =>
        partsOf({ ownTemporal: null, dataDir: '/data', models: ['default'], env })
          .flat()
          .find((candidate) => candidate.name === part)?.env[name];
      expect(settingOf({}, own)).toBe(value);
      expect(settingOf({}, other)).toBeUndefined();
      expect(settingOf({ [name]: '7' }, own)).toBe('7');
      const dockerfile = readFileSync(path.join(projectRoot, 'docker', 'Dockerfile'), 'utf8');
      const stages = dockerfile.split(/^FROM /m);
      const stage = stages.find((text) => /^\S+ AS (\S+)/.exec(text)?.[1] === `worker-${own}`);
      expect(stage).toContain(`\nENV ${name}=${value}\n`);
    },
  );
});
