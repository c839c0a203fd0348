import { Controller, Get, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type {} from '@fastify/multipart';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../../../libs/platform/config/config.js';
import type { AnalysisResult } from '../../../workflows/contracts/result.js';
import { Draining } from '../http/draining.js';
import { MAX_PREFERRED_WAIT_SECONDS } from '../http/limits.js';
import { JsonIntake } from '../intake/json-intake.js';
import { MultipartIntake } from '../intake/multipart-intake.js';
import { Problem } from '../problems/problem.js';
import { AskedBy, type Asker } from '../tenants/asker.js';
import { CONFIG } from '../tokens.js';
import { AnalysesService } from './analyses.service.js';
import { analysisPath, ANALYSES_PATH, type AnalysisResource } from './analysis-resource.js';
import { parsePrefer } from './prefer.js';
import { waitingFor } from './waiting.js';

const RETRY_SECONDS = '2';

@Controller(ANALYSES_PATH.slice(1))
export class AnalysesController {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(JsonIntake) private readonly jsonIntake: JsonIntake,
    @Inject(MultipartIntake) private readonly multipartIntake: MultipartIntake,
    @Inject(AnalysesService) private readonly analyses: AnalysesService,
    @Inject(Draining) private readonly draining: Draining,
  ) {}

  @Post()
  @HttpCode(200)
  async analyse(
    @Req() request: FastifyRequest,
    @AskedBy() asker: Asker,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AnalysisResult | AnalysisResource> {
    const signal = AbortSignal.any([clientGone(reply), this.draining.signal]);
    const submission = await (request.isMultipart()
      ? this.multipartIntake.take(request, asker.tenant)
      : this.jsonIntake.take(request.body, asker.tenant, signal));
    const usual = this.config.http.syncWaitSeconds;
    const waiting = waitingFor(parsePrefer(request.headers.prefer), {
      usual,
      longest: Math.max(usual, MAX_PREFERRED_WAIT_SECONDS),
    });
    const outcome = await this.analyses.submit(submission, waiting, signal);
    const isResult = outcome.kind === 'result';
    const applied = isResult ? waiting.appliedInTime : waiting.appliedLater;
    if (applied !== null) void reply.header('preference-applied', applied);
    if (isResult) return outcome.result;
    if (submission.input.kind === 'frames' && waiting.isDefault) throw stillRunning(outcome.id);
    void reply.code(202);
    void reply.headers({ location: analysisPath(outcome.id), 'retry-after': RETRY_SECONDS });
    return this.analyses.find(outcome.id, asker);
  }

  @Get(':id')
  find(@Param('id') id: string, @AskedBy() asker: Asker): Promise<AnalysisResource> {
    return this.analyses.find(id, asker);
  }
}

/** Aborted when the client closes the connection before it has its answer. */
function clientGone({ raw }: FastifyReply): AbortSignal {
  const controller = new AbortController();
  raw.once('close', () => {
    if (!raw.writableFinished) {
      controller.abort(new Problem('bad_request', 'The client left before it had its answer.'));
    }
  });
  return controller.signal;
}

/** An older client takes an answer without scores for "real": it is told to come back instead. */
function stillRunning(id: string): Problem {
  return new Problem(
    'still_running',
    'The analysis takes longer than a request may wait. It goes on.',
    { members: { id }, headers: { location: analysisPath(id) } },
  );
}
