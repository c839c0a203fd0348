import { statSync } from 'node:fs';
import path from 'node:path';
import { ModelError } from '../../../libs/model/model-error.js';
import type { Device, Dtype } from '../../../libs/model/precision.js';
import type { ModelSource } from '../../../libs/model/source.js';
import type { Config, ModelSettings } from '../../../libs/platform/config/config.js';
import { UsageError } from '../exit-codes.js';

/** Options that say which model, and how it is to be run. */
export interface ModelOptions {
  readonly revision?: string;
  readonly dtype?: Dtype;
  readonly device?: Device;
  readonly fakeLabel?: string;
  readonly json?: boolean;
}

/** A model to work with: as it is configured where it is the configured one, and as the options say. */
export interface Target extends ModelSettings {
  readonly source: ModelSource;
}

/**
 * @param given a folder, `owner/name[@revision]` or an alias; the default model when there is none
 * @throws UsageError when it is none of these; ModelError when there is no such folder
 */
export function targetOf(given: string | undefined, options: ModelOptions, config: Config): Target {
  const chosen = settingsOf(given, config);
  const { revision, dtype, device, fakeLabel } = options;
  if (revision !== undefined && chosen.path !== null)
    throw new UsageError(`--revision is for models on the hub; "${chosen.path}" is a folder.`);
  const settings: ModelSettings = {
    ...chosen,
    revision: revision ?? chosen.revision,
    dtype: dtype ?? chosen.dtype,
    device: device ?? chosen.device,
    fakeLabel: fakeLabel ?? chosen.fakeLabel,
  };
  const { modelId, path: folder } = settings;
  const source = { modelId, revision: settings.revision, path: folder, hub: config.hub };
  return { ...settings, source };
}

function settingsOf(given: string | undefined, { models }: Config): ModelSettings {
  const [standard] = models;
  if (standard === undefined) throw new Error('expected a default model');
  if (given === undefined) return standard;
  const configured = models.find(({ alias }) => alias === given);
  if (configured !== undefined) return configured;
  // What MODEL_FAKE_LABEL says is said of the default model.
  const other = { ...standard, alias: given, fakeLabel: null };
  if (statSync(given, { throwIfNoEntry: false })?.isDirectory() === true) {
    const folder = path.resolve(given);
    return { ...other, modelId: path.basename(folder), revision: 'local', path: folder };
  }
  const [, modelId, revision = 'main'] = /^([\w.-]+\/[\w.-]+)(?:@(\S+))?$/.exec(given) ?? [];
  const isPath = /^\.{0,2}\//.test(given);
  if (modelId !== undefined && !isPath) return { ...other, modelId, revision, path: null };
  if (isPath) throw new ModelError('model_not_found', `There is no folder "${given}".`);
  const aliases = models.map(({ alias }) => alias).join(', ');
  throw new UsageError(
    `Expected a model as owner/name[@revision], as a folder, or as one of ${aliases}; got "${given}".`,
  );
}
