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
  /** How far a precision below fp32 is from it, as measured when it was loaded, to two digits; null for fp32. */
  readonly accuracy: AccuracyHealth | null;
  /** Its live inference workers that take work. */
  readonly workers: number;
  /** True while its workers run different models, so that requests for it are refused. */
  readonly mixed: boolean;
}

interface AccuracyHealth {
  readonly pictures: number;
  /** Of the fake probabilities, 0..1. */
  readonly max_difference: number;
  readonly mean_difference: number;
  /** The largest difference that is accepted. */
  readonly bound: number;
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
    accuracy: accuracyOf(running?.accuracy ?? ''),
    workers: ready.length,
    mixed: modelsOn(ready).length > 1,
  };
}

const told = (value: string | undefined): string | null =>
  value === undefined || value === '' ? null : value;

/** Null where a worker tells none. */
function accuracyOf(text: string): AccuracyHealth | null {
  const [pictures, max_difference, mean_difference, bound] = text.split(',').map(Number);
  if (pictures === undefined || max_difference === undefined) return null;
  if (mean_difference === undefined || bound === undefined) return null;
  return { pictures, max_difference, mean_difference, bound };
}

/** A folder's name says which model it is; its path is nobody's business. */
function shownName(model: string): string {
  return path.isAbsolute(model) ? path.basename(model) : model;
}
