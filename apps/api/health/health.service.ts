import path from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../../../libs/platform/config/config.js';
import { backlogOf } from '../../../libs/platform/fleet.js';
import { serviceVersion } from '../../../libs/platform/version.js';
import { taskQueues } from '../../../workflows/contracts/queues.js';
import { FleetMonitor, type Fleet } from '../temporal/fleet-monitor.js';
import { Temporal } from '../temporal/temporal.js';
import { CONFIG } from '../tokens.js';
import type { HealthBody } from './health-body.js';

const BACKLOG_DEADLINE_MS = 1_000;

/** Whether the service can analyse now, by what the Temporal server knows of the workers. */
@Injectable()
export class HealthService {
  readonly #version = serviceVersion();

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(Temporal) private readonly temporal: Temporal,
    @Inject(FleetMonitor) private readonly fleet: FleetMonitor,
  ) {}

  async look(): Promise<HealthBody> {
    const [fleet, backlog] = await Promise.all([this.fleet.fresh(), this.#backlog()]);
    const { ready, loading, media, reachable } = fleet;
    const running = (ready[0] ?? loading[0])?.model ?? null;
    const { modelId, path: folder, device, dtype } = this.config.model;
    return {
      status: reachable && ready.length > 0 && media.length > 0 ? 'healthy' : 'unhealthy',
      service: 'deepfake-analysis-service',
      version: this.#version,
      // A folder's path is nobody's business; its name says which model it is.
      model:
        path.basename(running?.id ?? folder ?? '') === ''
          ? modelId
          : shownName(running?.id ?? folder ?? modelId),
      model_status: modelStatus(fleet),
      timestamp: new Date().toISOString(),
      device: running?.device ?? device,
      dtype: running?.dtype ?? dtype,
      revision: running?.revision ?? null,
      fingerprint: running?.fingerprint === '' ? null : (running?.fingerprint ?? null),
      workers: { media: media.length, inference: ready.length },
      backlog,
      temporal: { reachable },
    };
  }

  async #backlog(): Promise<number | null> {
    const { connection, namespace } = this.temporal;
    const { analyses, media, inference } = taskQueues(this.config.temporal.taskQueuePrefix);
    try {
      return await this.temporal.within(BACKLOG_DEADLINE_MS, () =>
        backlogOf(connection, namespace, [
          { name: analyses, kind: 'workflow' },
          { name: media, kind: 'activity' },
          { name: inference, kind: 'activity' },
        ]),
      );
    } catch {
      return null;
    }
  }
}

function modelStatus({ ready, loading }: Fleet): HealthBody['model_status'] {
  if (ready.length > 0) return 'loaded';
  return loading.length > 0 ? 'loading' : 'not_loaded';
}

/** A folder's name says which model it is; its path is nobody's business. */
function shownName(model: string): string {
  return path.isAbsolute(model) ? path.basename(model) : model;
}
