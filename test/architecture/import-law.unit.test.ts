import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import {
  cruise,
  type ICruiseOptions,
  type ICruiseResult,
  type IFlattenedRuleSet,
} from 'dependency-cruiser';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const { forbidden, options } = createRequire(import.meta.url)('../../.dependency-cruiser.cjs') as {
  forbidden: IFlattenedRuleSet['forbidden'];
  options: ICruiseOptions;
};

/** Violations in a tree, as `rule: from → to`. */
async function violationsIn(baseDir: string): Promise<string[]> {
  const { output } = await cruise(['apps', 'libs', 'workflows'], {
    ...options,
    baseDir,
    ruleSet: { forbidden },
    validate: true,
  });
  const { summary, modules } = output as ICruiseResult;
  expect(modules.length).toBeGreaterThan(4);
  return summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`);
}

/** Each reads every file of the sources; on a machine that is busy with other things that takes more than a unit test may. */
const LONGEST_MS = 120_000;

describe('the import law', { timeout: LONGEST_MS }, () => {
  it('is kept', async () => {
    expect(await violationsIn(root)).toEqual([]);
  });

  it('would be seen to be broken', async () => {
    const broken = await violationsIn(
      fileURLToPath(new URL('../fixtures/import-law/', import.meta.url)),
    );
    const rules = new Set(broken.map((violation) => violation.split(':')[0]));
    expect([...rules].sort()).toEqual([
      'api-does-no-heavy-work',
      'api-imports-what-it-may',
      'apps-do-not-import-each-other',
      'cli-runs-without-the-service',
      'libraries-know-no-framework',
      'one-file-imports-sharp',
      'scoring-is-pure',
      'workflows-are-pure',
    ]);
    expect(broken.filter((violation) => violation.includes('child_process'))).toHaveLength(1);
  });
});
