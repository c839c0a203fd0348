import { Controller, HttpCode, Inject, Param, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { AskedBy, type Asker } from '../tenants/asker.js';
import { ANALYSES_PATH, analysisPath, type AnalysisResource } from './analysis-resource.js';
import { Cancellation } from './cancellation.js';

const RETRY_SECONDS = '2';

@Controller(ANALYSES_PATH.slice(1))
export class CancelController {
  constructor(@Inject(Cancellation) private readonly cancellation: Cancellation) {}

  /** 200 once the analysis is cancelled; 202 while its end is on the way. */
  @Post(':id/cancel')
  @HttpCode(200)
  async cancel(
    @Param('id') id: string,
    @AskedBy() asker: Asker,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AnalysisResource> {
    const analysis = await this.cancellation.cancel(id, asker);
    if (analysis.status !== 'cancelled') {
      void reply.code(202);
      void reply.headers({ location: analysisPath(id), 'retry-after': RETRY_SECONDS });
    }
    return analysis;
  }
}
