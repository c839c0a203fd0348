import path from 'node:path';
import type { GatePolicy } from '../../../libs/model/accuracy-gate.js';
import { InferenceEngine } from '../../../libs/model/engine.js';
import type { Dtype } from '../../../libs/model/precision.js';
import type { LocalModel } from '../../../libs/model/source.js';
import type { Config } from '../../../libs/platform/config/config.js';
import type { Target } from './target.js';

/** Loads a model as a worker would, with the same derived weights and measurements in DATA_DIR. */
export function loadEngine(
  model: LocalModel,
  { dtype, device, fakeLabel, threads }: Target,
  config: Config,
  signal: AbortSignal,
  other: { readonly dtype?: Dtype; readonly gate?: GatePolicy; readonly threads?: number } = {},
): Promise<InferenceEngine> {
  return InferenceEngine.load(model, {
    dtype,
    device,
    fakeLabel,
    threads,
    gate: config.accuracyGate,
    cacheDir: path.join(config.dataDir, 'weights'),
    signal,
    onNotice: (notice) => {
      console.error(notice);
    },
    ...other,
  });
}
