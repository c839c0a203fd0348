import type { Withheld } from '../temporal/fleet.js';
import type { ModelHealth } from './model-health.js';

/** What `GET /health` tells those who have shown no key where one is needed: no more than whether the service can analyse. */
export type PublicHealth = Pick<
  HealthBody,
  'status' | 'service' | 'version' | 'model_status' | 'timestamp'
>;

export function publicHealth({
  status,
  service,
  version,
  model_status,
  timestamp,
}: HealthBody): PublicHealth {
  return { status, service, version, model_status, timestamp };
}

/** Body of `GET /health`: what clients of the replaced service read, then what operators want to know. */
export interface HealthBody {
  readonly status: 'healthy' | 'unhealthy';
  /** What keeps a request for the default model from being served, the first thing found; null while healthy. */
  readonly reason:
    | 'temporal_unreachable'
    | 'no_media_worker'
    | 'model_loading'
    | 'no_inference_worker'
    | 'models_mixed'
    | Withheld
    | null;
  readonly service: string;
  readonly version: string;
  /** This and what follows is of the default model, see `models` for all. */
  readonly model: string;
  readonly model_status: ModelHealth['status'];
  /** ISO 8601, UTC. */
  readonly timestamp: string;
  readonly device: string;
  readonly dtype: string;
  readonly revision: string | null;
  readonly fingerprint: string | null;
  /** Live ones that take work; of inference those of the default model. */
  readonly workers: { readonly media: number; readonly inference: number };
  /** All models that can be asked for, the default one first. */
  readonly models: readonly ModelHealth[];
  /** Tasks that wait for a worker, a few seconds ago; null when Temporal does not tell. */
  readonly backlog: number | null;
  readonly temporal: { readonly reachable: boolean };
}
