import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { runChaos } from '../../bench/chaos/chaos.js';
import { faultsFound, reportText } from '../../bench/chaos/report.js';

/** The same faults at each run; `npm run chaos` takes any seed and as many kills as are wanted. */
const RUNS = [
  { store: 'folder', seed: 1, kills: 6 },
  { store: 's3', seed: 1, kills: 7 },
] as const;

describe.runIf(process.platform === 'linux')('every part killed at random', () => {
  it.each(RUNS)(
    'loses no analysis, changes no result, does nothing twice and leaves nothing behind: $store',
    async ({ store, seed, kills }) => {
      const folder = await mkdtemp(path.join(tmpdir(), 'chaos-'));
      const report = await runChaos({ folder, store, seed, analyses: 15, kills });
      const killed = report.struck.filter(({ way }) => way !== 'stop-and-continue');
      expect(killed).toHaveLength(kills);
      expect(killed.some(({ target }) => target === 's3')).toBe(store === 's3');
      for (const [what, where] of faultsFound(report))
        expect(where, `${what} (data and logs in ${folder})\n${reportText(report)}`).toEqual([]);
      await rm(folder, { recursive: true });
    },
  );
});
