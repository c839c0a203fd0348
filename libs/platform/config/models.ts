import path from 'node:path';
import { DEFAULT_MODEL } from '../../../workflows/contracts/queues.js';
import type { ModelSettings } from './config.js';
import type { ListedModel } from './model-list.js';
import type { Variables } from './variables.js';

/** The default model, then those of MODELS, which run as the default one does where they don't say otherwise. */
export function modelsOf(v: Variables): readonly ModelSettings[] {
  const shared = { dtype: v.MODEL_DTYPE, device: v.DEVICE, threads: v.INFERENCE_THREADS };
  const standard: ModelSettings = {
    ...shared,
    alias: DEFAULT_MODEL,
    modelId: v.MODEL_ID,
    revision: v.MODEL_REVISION,
    path: v.MODEL_PATH === undefined ? null : path.resolve(v.MODEL_PATH),
    fakeLabel: v.MODEL_FAKE_LABEL ?? null,
  };
  const further = v.MODELS.map(({ alias, source, dtype, device, fakeLabel }) => ({
    alias,
    ...sourceOf(source),
    dtype: dtype ?? shared.dtype,
    device: device ?? shared.device,
    fakeLabel,
    threads: shared.threads,
  }));
  return [standard, ...further];
}

function sourceOf(
  source: ListedModel['source'],
): Pick<ModelSettings, 'modelId' | 'revision' | 'path'> {
  if (source.kind === 'hub')
    return { modelId: source.modelId, revision: source.revision, path: null };
  const folder = path.resolve(source.path);
  return { modelId: path.basename(folder), revision: 'local', path: folder };
}
