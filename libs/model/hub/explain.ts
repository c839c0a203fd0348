import { ModelError } from '../model-error.js';
import type { LocalModel, ModelSource } from '../source.js';
import { HubRefusal } from './refusal.js';
import { isOfFiles } from './retries.js';

/**
 * Turns a failure to download into an error that says what was tried and what can be done.
 * @param cached the older commit that the cache has, if any
 */
export function explain(
  error: unknown,
  source: ModelSource,
  cached: LocalModel | null = null,
): ModelError {
  const { modelId, revision, hub } = source;
  const what = `${modelId} (revision ${revision}) from ${hub.endpoint}`;
  const options = { cause: error, waysOut: waysOut(source) };
  if (error instanceof HubRefusal && error.status === 404) {
    const missing =
      error.code === 'RevisionNotFound'
        ? `${modelId} has no revision ${revision} at ${hub.endpoint}.`
        : `There is no ${what}.`;
    return new ModelError('model_not_found', missing, options);
  }
  if (error instanceof HubRefusal && [401, 403].includes(error.status)) {
    return new ModelError(
      'model_not_found',
      `The hub refused ${what} (HTTP ${error.status}): ${whyRefused(error, source)}.`,
      options,
    );
  }
  if (isOfFiles(error)) {
    const stay =
      cached === null
        ? ''
        : ` The commit ${cached.revision} is in the cache: name it as the revision, or set HF_HUB_OFFLINE=1, to use that.`;
    return new ModelError(
      'model_download_failed',
      `Could not write ${what} to the cache ${hub.cacheDir} (${error.code}). Make it writable and large enough, or name ` +
        `another place in HF_HOME or HF_HUB_CACHE.${stay}`,
      { cause: error },
    );
  }
  return new ModelError(
    'model_download_failed',
    `Could not download ${what}: ${reason(error)}.`,
    options,
  );
}

/** Offline, and the cache does not hold it. */
export function notCached(source: ModelSource): ModelError {
  return new ModelError(
    'model_not_found',
    `${source.modelId} (revision ${source.revision}) is not complete in the cache ${source.hub.cacheDir}, and ` +
      `HF_HUB_OFFLINE forbids to download it.`,
    { waysOut: waysOut(source) },
  );
}

function whyRefused({ code }: HubRefusal, { hub }: ModelSource): string {
  if (code === 'GatedRepo')
    return hub.token
      ? 'it is gated, and the account of HF_TOKEN has not been given access (accept its terms on the hub first)'
      : 'it is gated: accept its terms on the hub, then set HF_TOKEN';
  return hub.token
    ? 'HF_TOKEN does not give access to it (a gated model: accept its terms on the hub first)'
    : 'it does not exist, or it is private or gated and HF_TOKEN is not set';
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
  if (error instanceof HubRefusal && error.retryAfterSeconds !== null) {
    const { message, retryAfterSeconds } = error;
    return `${message}, and it asks to come back in ${retryAfterSeconds} s, which is more than HUB_WAIT_SECONDS allows`;
  }
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  const deepest = cause instanceof AggregateError ? (cause.errors[0] as unknown) : cause;
  return deepest instanceof Error ? `${error.message} (${deepest.message})` : error.message;
}
