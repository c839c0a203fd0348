import path from 'node:path';
import type { ModelSettings } from '../../../libs/platform/config/config.js';
import type { ModelWorkers } from '../temporal/fleet.js';
import { modelsOn } from '../temporal/model-gate.js';

/** How one configured model stands. What only a worker knows is null while none tells. */
export interface ModelHealth {
  /** What requests call it. */
  readonly alias: string;
  readonly id: string;
  /** `loaded` once a forward pass has happened on some inference worker. */
  readonly status: 'loaded' | 'loading' | 'not_loaded';
  /** Configuration alone does not say which commit runs. */
  readonly revision: string | null;
  readonly dtype: string;
  readonly device: string;
  readonly fingerprint: string | null;
  readonly architecture: string | null;
  readonly weights_sha256: string | null;
  readonly fake_label: string | null;
  readonly graph_builder: string | null;
  /** Side in pixels, Pillow's filter, rescale factor, means and standard deviations of the channels. */
  readonly processor: string | null;
  /** Its live inference workers that take work. */
  readonly workers: number;
  /** True while its workers run different models, so that requests for it are refused. */
  readonly mixed: boolean;
}

export function modelHealth(
  { alias, modelId, path: folder, dtype, device }: ModelSettings,
  { ready, loading }: ModelWorkers,
): ModelHealth {
  const running = (ready[0] ?? loading[0])?.model ?? null;
  return {
    alias,
    id: shownName(running?.id ?? folder ?? modelId),
    status: ready.length > 0 ? 'loaded' : loading.length > 0 ? 'loading' : 'not_loaded',
    revision: told(running?.revision),
    dtype: running?.dtype ?? dtype,
    device: running?.device ?? device,
    fingerprint: told(running?.fingerprint),
    architecture: told(running?.architecture),
    weights_sha256: told(running?.weights),
    fake_label: told(running?.fakeLabel),
    graph_builder: told(running?.graphBuilder),
    processor: told(running?.processor),
    workers: ready.length,
    mixed: modelsOn(ready).length > 1,
  };
}

const told = (value: string | undefined): string | null =>
  value === undefined || value === '' ? null : value;

/** A folder's name says which model it is; its path is nobody's business. */
function shownName(model: string): string {
  return path.isAbsolute(model) ? path.basename(model) : model;
}
