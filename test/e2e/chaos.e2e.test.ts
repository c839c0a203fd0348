import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { runChaos } from '../../bench/chaos/chaos.js';
import { faultsFound, reportText } from '../../bench/chaos/report.js';

/** The same faults at each run; `npm run chaos` takes any seed and as many kills as are wanted. */
const SEED = 1;

describe.runIf(process.platform === 'linux')('every part killed at random', () => {
  it('loses no analysis, changes no result, does nothing twice and leaves nothing behind', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'chaos-'));
    const report = await runChaos({ folder, seed: SEED, analyses: 15, kills: 6 });
    expect(report.struck.filter(({ way }) => way !== 'stop-and-continue')).toHaveLength(6);
    for (const [what, where] of faultsFound(report))
      expect(where, `${what} (data and logs in ${folder})\n${reportText(report)}`).toEqual([]);
    await rm(folder, { recursive: true });
  });
});
