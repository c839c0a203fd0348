import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { bounds } from '../../bench/soak/judgement.js';
import { faultsOf, reportText } from '../../bench/soak/report.js';
import { runSoak } from '../../bench/soak/soak.js';

/** Memory is judged over thousands of analyses alone (`npm run soak`): within so few the caches still fill up. */
const SHORT = { ...bounds, memoryPercent: null };

describe.runIf(process.platform === 'linux')('the service under all that clients do', () => {
  it('keeps its descriptors, threads and handles within bounds, and leaves no process and no file', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'soak-'));
    const report = await runSoak({ folder, seed: 1, analyses: 36, every: 4 });
    expect(report.samples).toHaveLength(9);
    const text = `data and logs in ${folder}\n${reportText(report, SHORT)}`;
    expect(faultsOf(report, SHORT), text).toEqual([]);
    await rm(folder, { recursive: true });
  });
});
