/** Body of `GET /health`: what clients of the replaced service read, then what operators want to know. */
export interface HealthBody {
  readonly status: 'healthy' | 'unhealthy';
  readonly service: string;
  readonly version: string;
  readonly model: string;
  /** `loaded` once a forward pass has happened on some inference worker. */
  readonly model_status: 'loaded' | 'loading' | 'not_loaded';
  /** ISO 8601, UTC. */
  readonly timestamp: string;
  readonly device: string;
  readonly dtype: string;
  /** Null while no worker tells; configuration alone does not say which commit runs. */
  readonly revision: string | null;
  readonly fingerprint: string | null;
  /** Live ones that take work. */
  readonly workers: { readonly media: number; readonly inference: number };
  /** Tasks that wait for a worker, a few seconds ago; null when Temporal does not tell. */
  readonly backlog: number | null;
  readonly temporal: { readonly reachable: boolean };
}
