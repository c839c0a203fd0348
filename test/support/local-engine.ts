import { InferenceEngine, type EngineOptions } from '../../libs/model/engine.js';
import { resolveModel } from '../../libs/model/source.js';

/** An engine for the model in a local folder. */
export async function loadEngine(
  folder: string,
  options: Omit<EngineOptions, 'threads'> & { readonly threads?: number },
): Promise<InferenceEngine> {
  const hub = { endpoint: 'http://127.0.0.1:9', cacheDir: options.cacheDir, offline: true };
  const model = await resolveModel({ modelId: 'none/none', revision: 'main', path: folder, hub });
  return InferenceEngine.load(model, { threads: 2, ...options });
}
