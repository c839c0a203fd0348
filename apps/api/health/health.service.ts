import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../../../libs/platform/config/config.js';
import { backlogOf } from '../../../libs/platform/fleet.js';
import { serviceVersion } from '../../../libs/platform/version.js';
import {
  batchQueue,
  inferenceQueue,
  taskQueues,
  turnQueue,
} from '../../../workflows/contracts/queues.js';
import { workersOf, type Fleet } from '../temporal/fleet.js';
import { FleetMonitor } from '../temporal/fleet-monitor.js';
import { Temporal } from '../temporal/temporal.js';
import { CONFIG } from '../tokens.js';
import type { HealthBody } from './health-body.js';
import { modelHealth, type ModelHealth } from './model-health.js';

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
    const { media, reachable } = fleet;
    const models = this.config.models.map((model) =>
      modelHealth(model, workersOf(fleet, model.alias)),
    );
    const [standard] = models;
    if (standard === undefined) throw new Error('expected a default model');
    const reason = reasonAgainst(fleet, standard);
    return {
      status: reason === null ? 'healthy' : 'unhealthy',
      reason,
      service: 'deepfake-analysis-service',
      version: this.#version,
      model: standard.id,
      model_status: standard.status,
      timestamp: new Date().toISOString(),
      device: standard.device,
      dtype: standard.dtype,
      revision: standard.revision,
      fingerprint: standard.fingerprint,
      workers: { media: media.length, inference: standard.workers },
      models,
      backlog,
      temporal: { reachable },
    };
  }

  async #backlog(): Promise<number | null> {
    const { connection, namespace } = this.temporal;
    const queues = taskQueues(this.config.temporal.taskQueuePrefix);
    const activities = [
      queues.media,
      ...this.config.models.map(({ alias }) => inferenceQueue(queues, alias)),
    ];
    try {
      return await this.temporal.within(BACKLOG_DEADLINE_MS, () =>
        backlogOf(connection, namespace, [
          { name: queues.analyses, kind: 'workflow' },
          ...[...activities, ...activities.map(batchQueue), turnQueue(queues)].map(
            (name) => ({ name, kind: 'activity' }) as const,
          ),
        ]),
      );
    } catch {
      return null;
    }
  }
}

/** The first thing that keeps a request for the default model from being served; null where nothing does. */
function reasonAgainst(
  { reachable, media, withheld }: Fleet,
  { status, mixed }: ModelHealth,
): HealthBody['reason'] {
  if (!reachable) return 'temporal_unreachable';
  if (media.length === 0) return 'no_media_worker';
  if (status !== 'loaded') return status === 'loading' ? 'model_loading' : 'no_inference_worker';
  return mixed ? 'models_mixed' : withheld;
}
