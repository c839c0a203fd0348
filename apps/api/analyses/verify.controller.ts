import { Body, Controller, HttpCode, Inject, Param, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import type { Verification } from '../../../workflows/contracts/verification.js';
import { invalidRequest } from '../intake/fields.js';
import { AskedBy, type Asker } from '../tenants/asker.js';
import { ANALYSES_PATH } from './analysis-resource.js';
import { Verifying } from './verifying.js';

const RETRY_SECONDS = '5';
const schema = z
  .strictObject({ inference: z.boolean('expected true or false').default(false) })
  .nullish();

@Controller(ANALYSES_PATH.slice(1))
export class VerifyController {
  constructor(@Inject(Verifying) private readonly verifying: Verifying) {}

  /** Changes nothing: 200 with what came out, or 202 while it goes on; then the same request finds it. */
  @Post(':id/verify')
  @HttpCode(200)
  async verify(
    @Param('id') id: string,
    @Body() body: unknown,
    @AskedBy() asker: Asker,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Verification | { readonly id: string; readonly status: 'running' }> {
    const parsed = schema.safeParse(body);
    if (!parsed.success) throw invalidRequest(parsed.error);
    const verification = await this.verifying.verify(id, parsed.data?.inference ?? false, asker);
    if (verification !== null) return verification;
    void reply.code(202).header('retry-after', RETRY_SECONDS);
    return { id, status: 'running' };
  }
}
