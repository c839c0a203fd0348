import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DEFAULT_MODEL } from '../../../workflows/contracts/queues.js';
import { modelOf, refuseWithheld } from '../temporal/model-gate.js';
import { FleetMonitor } from '../temporal/fleet-monitor.js';
import { publicHealth, type HealthBody, type PublicHealth } from './health-body.js';
import { HealthService } from './health.service.js';

@Controller('health')
export class HealthController {
  constructor(
    @Inject(HealthService) private readonly health: HealthService,
    @Inject(FleetMonitor) private readonly fleet: FleetMonitor,
  ) {}

  /** The whole service: 200 when it can analyse with the default model, else 503. */
  @Get()
  async whole(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<HealthBody | PublicHealth> {
    const body = await this.health.look();
    void reply.code(body.status === 'healthy' ? 200 : 503);
    return request.tenant === null ? publicHealth(body) : body;
  }

  /** This process: 200 as long as it answers at all. */
  @Get('live')
  live(): { status: 'alive' } {
    return { status: 'alive' };
  }

  /** Whether requests sent here are taken now. */
  @Get('ready')
  async ready(): Promise<{ status: 'ready' }> {
    const fleet = await this.fleet.fresh();
    modelOf(fleet, DEFAULT_MODEL);
    refuseWithheld(fleet);
    return { status: 'ready' };
  }
}
