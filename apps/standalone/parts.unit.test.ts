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

  it('bounds the places where the C library of the media worker keeps what is free', () => {
    const settingOf = (env: Record<string, string>, name: string) =>
      partsOf({ ownTemporal: null, dataDir: '/data', models: ['default'], env })
        .flat()
        .find((part) => part.name === name)?.env.MALLOC_ARENA_MAX;
    expect(settingOf({}, 'media')).toBe('2');
    expect(settingOf({}, 'inference')).toBeUndefined();
    expect(settingOf({ MALLOC_ARENA_MAX: '7' }, 'media')).toBe('7');
    const dockerfile = readFileSync(path.join(projectRoot, 'docker', 'Dockerfile'), 'utf8');
    const [, stage] = /^FROM runtime AS worker-media$(.*?)^FROM /ms.exec(dockerfile) ?? [];
    expect(stage).toContain(`\nENV MALLOC_ARENA_MAX=2\n`);
  });
});
