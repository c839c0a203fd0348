import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { refuseUnknownArchitecture } from './architectures/parse.js';
import { readModelJson } from './json-file.js';
import { CONFIG_FILES, expectedWeights, filesIn } from './model-files.js';
import { ModelError } from './model-error.js';
import { resolveFromHub } from './hub/resolve.js';

/** Where a model comes from: a local folder if `path` is set, else the Hugging Face hub and its cache. */
export interface ModelSource {
  /** `owner/name` on the hub. */
  readonly modelId: string;
  /** Branch, tag or commit hash. */
  readonly revision: string;
  /** A local folder; wins over the hub. */
  readonly path?: string | null;
  readonly hub: HubSource;
}

export interface HubSource {
  /** Base URL of the hub or of a mirror. */
  readonly endpoint: string;
  /** The cache that all Hugging Face tools share: `HF_HUB_CACHE`, or `hub` in `HF_HOME`. */
  readonly cacheDir: string;
  readonly token?: string | null;
  /** Never ask the network. */
  readonly offline: boolean;
  /** How long the hub may let a download wait when it is asked too much (HTTP 429), in seconds, all together; 300 unless given. */
  readonly waitSeconds?: number;
}

/** A model whose files lie on this machine. */
export interface LocalModel {
  /** Holds config.json, preprocessor_config.json and weights, perhaps as links. */
  readonly folder: string;
  readonly id: string;
  /** Commit hash, or `local` for a folder of one's own. */
  readonly revision: string;
}

/** Bytes of one file that have arrived. */
export interface DownloadProgress {
  readonly file: string;
  readonly loadedBytes: number;
  readonly totalBytes: number;
}

export interface ResolveOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: DownloadProgress) => void;
  /** Told of what an operator should know, such as a hub that can't be reached. */
  readonly onNotice?: (notice: string) => void;
}

/**
 * Makes sure that the model's files are on this machine, downloading what the cache lacks.
 * @throws ModelError saying what was tried and the ways out; the signal's reason when aborted
 */
export async function resolveModel(
  source: ModelSource,
  options: ResolveOptions = {},
): Promise<LocalModel> {
  options.signal?.throwIfAborted();
  if (source.path === undefined || source.path === null) return resolveFromHub(source, options);
  return resolveFolder(source.path);
}

const expectedFiles = `${CONFIG_FILES.join(', ')} and weights (${expectedWeights})`;

async function resolveFolder(given: string): Promise<LocalModel> {
  const found = await stat(given).catch(() => null);
  if (found?.isDirectory() !== true) {
    throw new ModelError(
      'model_not_found',
      `expected MODEL_PATH to be a folder with ${expectedFiles}, but there is no folder "${given}". ` +
        'Correct it, or leave it empty to take the model from the hub.',
    );
  }
  const folder = await realpath(given);
  const { missing } = await filesIn(folder);
  if (missing.includes(expectedWeights))
    refuseUnknownArchitecture(await readModelJson(folder, 'config.json'));
  if (missing.length > 0) {
    throw new ModelError(
      'model_not_found',
      `expected ${expectedFiles} in the model's folder "${given}" (MODEL_PATH), but there is no ${missing.join(', no ')}. ` +
        'Give the folder that the model was saved to (transformers: save_pretrained with safetensors, ' +
        'for the model and for its image processor).',
    );
  }
  const { _name_or_path: name } = await readModelJson(folder, 'config.json');
  const id = typeof name === 'string' && name !== '' ? name : path.basename(folder);
  return { folder, id, revision: 'local' };
}
