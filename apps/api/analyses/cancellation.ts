import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { Problem } from '../problems/problem.js';
import type { Asker } from '../tenants/asker.js';
import { AnalysesService } from './analyses.service.js';
import type { AnalysisResource } from './analysis-resource.js';
import { Runs } from './runs.js';

/** Work ends within a second of its being told; a worker that is busy or dead takes some more. */
const PATIENCE_MS = 8_000;
const LOOK_EVERY_MS = 100;

/** Stops analyses. */
@Injectable()
export class Cancellation {
  constructor(
    @Inject(AnalysesService) private readonly analyses: AnalysesService,
    @Inject(Runs) private readonly runs: Runs,
  ) {}

  /**
   * Asks the run to end and waits a moment for it. Nothing changes for one that was cancelled before.
   *
   * @returns the analysis, cancelled or still running: then it ends when a worker hears of it
   * @throws Problem `analysis_not_found`, or `analysis_finished` for one that has succeeded or failed, by now or before
   */
  async cancel(id: string, asker: Asker): Promise<AnalysisResource> {
    const before = refuseFinished(await this.analyses.find(id, asker));
    if (before.status === 'cancelled') return before;
    await this.runs.cancel(id);
    for (const deadline = Date.now() + PATIENCE_MS; ;) {
      const now = refuseFinished(await this.analyses.find(id, asker));
      if (now.status === 'cancelled' || Date.now() >= deadline) return now;
      await sleep(LOOK_EVERY_MS);
    }
  }
}

function refuseFinished(analysis: AnalysisResource): AnalysisResource {
  const { id, status } = analysis;
  if (status !== 'succeeded' && status !== 'failed') return analysis;
  throw new Problem(
    'analysis_finished',
    `Expected an analysis that is queued or running, got one that has ${status}.`,
    { members: { id, analysis_status: status } },
  );
}
