import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { runLoad } from '../../bench/load/load.js';
import { faultsFound, reportText } from '../../bench/load/report.js';

describe('many requests at the same moment', () => {
  it('are all answered, some after a 503, and as each would be alone', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'load-'));
    // No look at times: `npm run bench:load` has them, on a machine that does nothing else.
    const report = await runLoad({ folder, images: 20, videos: 4, fairness: null });
    expect(report.burst).toHaveLength(24);
    for (const [what, where] of faultsFound(report))
      expect(where, `${what} (data and logs in ${folder})\n${reportText(report)}`).toEqual([]);
    await rm(folder, { recursive: true });
  });
});
