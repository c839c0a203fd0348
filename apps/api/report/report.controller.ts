import { Controller, Get, Inject, Param, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { ANALYSES_PATH } from '../analyses/analysis-resource.js';
import { AskedBy, type Asker } from '../tenants/asker.js';
import { ReportService } from './report.service.js';

/** The page brings its own style and pictures and nothing else: no script, no connection. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

@Controller(ANALYSES_PATH.slice(1))
export class ReportController {
  constructor(@Inject(ReportService) private readonly reports: ReportService) {}

  /** A finished analysis as one HTML file that needs nothing else. */
  @Get(':id/report')
  async report(
    @Param('id') id: string,
    @AskedBy() asker: Asker,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const html = await this.reports.html(id, asker);
    void reply.headers({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': CONTENT_SECURITY_POLICY,
    });
    return html;
  }
}
