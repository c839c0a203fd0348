import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { fetchModelFiles, type Hub, type OnDownload } from './hub.js';
import { isObject, readModelJson } from './json-file.js';
import { ModelError } from './model-error.js';

const MODEL_FILES = ['config.json', 'preprocessor_config.json', 'model.safetensors'] as const;

/** Where the model is to come from: a local folder, or a repository of a Hugging Face hub. */
export interface ModelSource {
  readonly modelId: string;
  /** Commit, branch or tag. */
  readonly revision: string;
  readonly path: string | null;
  readonly hub: Hub;
}

/** A model whose files are on this machine. */
export interface LocalModel {
  readonly id: string;
  /** Commit, or `local`. */
  readonly revision: string;
  readonly folder: string;
  /** The weights with links resolved: ONNX Runtime refuses links that leave their folder. */
  readonly weightsFile: string;
}

/**
 * Makes the model's files local.
 * @throws ModelError saying what was tried and the ways out
 */
export async function resolveModel(
  source: ModelSource,
  options: { readonly signal?: AbortSignal; readonly onDownload?: OnDownload } = {},
): Promise<LocalModel> {
  if (source.path !== null) return localFolder(source.path);
  const { folder, commit } = await fetchModelFiles(source, MODEL_FILES, options);
  return { id: source.modelId, revision: commit, folder, weightsFile: await weightsIn(folder) };
}

async function localFolder(folder: string): Promise<LocalModel> {
  const weightsFile = await weightsIn(folder);
  const config = await readModelJson(folder, 'config.json');
  const name =
    isObject(config) && typeof config._name_or_path === 'string' ? config._name_or_path : '';
  return { id: name === '' ? path.basename(folder) : name, revision: 'local', folder, weightsFile };
}

async function weightsIn(folder: string): Promise<string> {
  try {
    return await realpath(path.join(folder, 'model.safetensors'));
  } catch (cause) {
    throw new ModelError(
      'model_not_found',
      `expected ${MODEL_FILES.join(', ')} in ${folder}, found no model.safetensors. ` +
        'Set MODEL_PATH to a folder with these files.',
      { cause },
    );
  }
}
