import { HubApiError } from '@huggingface/hub';
import { ModelError } from '../model-error.js';
import type { ModelSource } from '../source.js';

/** Turns a failure to download into an error that says what was tried and what can be done. */
export function explain(error: unknown, source: ModelSource): ModelError {
  const { modelId, revision, hub } = source;
  const what = `${modelId} (revision ${revision}) from ${hub.endpoint}`;
  const cause = { cause: error };
  if (error instanceof HubApiError && error.statusCode === 404) {
    return new ModelError('model_not_found', `There is no ${what}. ${waysOut(source)}`, cause);
  }
  if (error instanceof HubApiError && [401, 403].includes(error.statusCode)) {
    const why = hub.token
      ? 'HF_TOKEN does not give access to it (a gated model: accept its terms on the hub first)'
      : 'it does not exist, or it is private or gated and HF_TOKEN is not set';
    return new ModelError(
      'model_not_found',
      `The hub refused ${what} (HTTP ${error.statusCode}): ${why}. ${waysOut(source)}`,
      cause,
    );
  }
  return new ModelError(
    'model_download_failed',
    `Could not download ${what}: ${reason(error)}. ${waysOut(source)}`,
    cause,
  );
}

/** Offline, and the cache does not hold it. */
export function notCached(source: ModelSource): ModelError {
  return new ModelError(
    'model_not_found',
    `${source.modelId} (revision ${source.revision}) is not complete in the cache ${source.hub.cacheDir}, and ` +
      `HF_HUB_OFFLINE forbids to download it. ${waysOut(source)}`,
  );
}

function waysOut({ modelId }: ModelSource): string {
  return (
    'Ways out: set MODEL_PATH to a folder with config.json, preprocessor_config.json and model.safetensors; ' +
    `or fill the cache on a connected machine ("hf download ${modelId}"), bring it here, name it in HF_HOME and set ` +
    'HF_HUB_OFFLINE=1; or name a mirror in HF_ENDPOINT; or, for a private or gated model, set HF_TOKEN; ' +
    'or ask for the demo model with "npm start -- --demo".'
  );
}

function reason(error: unknown): string {
  if (error instanceof HubApiError) return `HTTP ${error.statusCode}`;
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  const deepest = cause instanceof AggregateError ? (cause.errors[0] as unknown) : cause;
  return deepest instanceof Error ? `${error.message} (${deepest.message})` : error.message;
}
