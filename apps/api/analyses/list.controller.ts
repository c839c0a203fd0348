import { Controller, Get, Inject, Query } from '@nestjs/common';
import { AskedBy, type Asker } from '../tenants/asker.js';
import { ANALYSES_PATH } from './analysis-resource.js';
import { parseListQuery } from './list-query.js';
import { listedAnalysis, type ListedAnalysis } from './listed-analysis.js';
import { RunList } from './run-list.js';

interface ListBody {
  readonly items: readonly ListedAnalysis[];
  /** Null on the last page. A page can hold fewer than asked for, none too, and not be the last. */
  readonly next_page_token: string | null;
}

@Controller(ANALYSES_PATH.slice(1))
export class ListController {
  constructor(@Inject(RunList) private readonly runs: RunList) {}

  /** Those under way first, the newest first among them; then those that have ended, the last ended first. */
  @Get()
  async list(@Query() query: unknown, @AskedBy() { tenant }: Asker): Promise<ListBody> {
    const { runs, nextPageToken } = await this.runs.page(parseListQuery(query), tenant);
    return { items: runs.map(listedAnalysis), next_page_token: nextPageToken };
  }
}
