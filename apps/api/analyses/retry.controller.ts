import { Body, Controller, HttpCode, Inject, Param, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Problem, type ProblemCode } from '../problems/problem.js';
import { AskedBy, type Asker } from '../tenants/asker.js';
import { ANALYSES_PATH, analysisPath, type AnalysisResource } from './analysis-resource.js';
import { parseBulkQuery } from './list-query.js';
import { parseRetryWish } from './retry-wish.js';
import { Retrying } from './retrying.js';
import { RunList } from './run-list.js';

const RETRY_SECONDS = '2';

type RetriedResource = AnalysisResource & {
  readonly retry_of?: string;
  /** Of one that has succeeded: what was damaged of what its result was made from, and is made anew. */
  readonly damaged?: string;
};

interface RetriedItem {
  readonly id: string;
  readonly outcome: 'started' | 'would_start' | 'refused';
  /** ID of the analysis that runs: another one for another model or pipeline. */
  readonly analysis?: string;
  /** Why not. */
  readonly code?: ProblemCode;
  readonly detail?: string;
}

interface RetriedPage {
  readonly dry_run: boolean;
  readonly items: readonly RetriedItem[];
  readonly next_page_token: string | null;
}

@Controller(ANALYSES_PATH.slice(1))
export class RetryController {
  constructor(
    @Inject(Retrying) private readonly retrying: Retrying,
    @Inject(RunList) private readonly runs: RunList,
  ) {}

  /** One page of those that the query finds. One that can't be retried does not keep the others from it. */
  @Post('retry')
  @HttpCode(200)
  async retryMany(
    @Query() query: unknown,
    @Body() body: unknown,
    @AskedBy() asker: Asker,
  ): Promise<RetriedPage> {
    const { dryRun, ...list } = parseBulkQuery(query);
    const wish = parseRetryWish(body);
    const { runs, nextPageToken } = await this.runs.page(list, asker.tenant);
    const items: RetriedItem[] = [];
    for (const { analysisId: id } of runs) {
      try {
        if (dryRun) await this.retrying.check(id, wish, asker);
        const started = dryRun ? null : await this.retrying.retry(id, wish, asker);
        items.push(
          started === null
            ? { id, outcome: 'would_start' }
            : { id, outcome: 'started', analysis: started.analysis.id },
        );
      } catch (error) {
        if (!(error instanceof Problem) || error.code === 'internal_error') throw error;
        items.push({ id, outcome: 'refused', code: error.code, detail: error.message });
      }
    }
    return { dry_run: dryRun, items, next_page_token: nextPageToken };
  }

  /**
   * 202 with the analysis that runs, or whose damaged parts are made anew; 200 where another model's or other thresholds'
   * answer was there already.
   */
  @Post(':id/retry')
  @HttpCode(202)
  async retry(
    @Param('id') id: string,
    @Body() body: unknown,
    @AskedBy() asker: Asker,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RetriedResource> {
    const retried = await this.retrying.retry(id, parseRetryWish(body), asker);
    const { analysis, damaged } = retried;
    if (analysis.status === 'succeeded' && damaged === null) void reply.code(200);
    else void reply.headers({ 'retry-after': RETRY_SECONDS });
    void reply.headers({ location: analysisPath(analysis.id) });
    if (analysis.id !== id) return { ...analysis, retry_of: id };
    return damaged === null ? analysis : { ...analysis, damaged };
  }
}
