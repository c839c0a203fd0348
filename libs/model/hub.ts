import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { downloadFileToCacheDir, HubApiError, modelInfo } from '@huggingface/hub';
import { countingFetch, type OnDownload } from './hub-fetch.js';
import { ModelError } from './model-error.js';

export type { OnDownload };

/** A Hugging Face hub and the cache that its tools share. */
export interface Hub {
  readonly endpoint: string;
  readonly cacheDir: string;
  readonly token: string | null;
  readonly offline: boolean;
}

interface Repository {
  readonly modelId: string;
  readonly revision: string;
  readonly hub: Hub;
}

const COMMIT = /^[0-9a-f]{40}$/;

/**
 * Brings a repository's files into the hub's cache (`models--owner--name/{blobs,refs,snapshots}`), which a cache filled
 * by the Python tools already is. A commit whose files are all there, and anything while offline, needs no network.
 *
 * @returns the snapshot's folder and the commit that the revision stands for
 */
export async function fetchModelFiles(
  repository: Repository,
  files: readonly string[],
  options: { readonly signal?: AbortSignal; readonly onDownload?: OnDownload },
): Promise<{ folder: string; commit: string }> {
  const { modelId, revision, hub } = repository;
  const storage = path.join(hub.cacheDir, `models--${modelId.replaceAll('/', '--')}`);
  const known = COMMIT.test(revision)
    ? revision
    : hub.offline
      ? await cachedCommit(storage, revision)
      : null;
  if (known !== null) {
    const folder = path.join(storage, 'snapshots', known);
    if (await hasAll(folder, files)) return { folder, commit: known };
  }
  if (hub.offline) {
    throw new ModelError(
      'model_not_found',
      `${modelId} at ${revision} is not complete in the cache ${hub.cacheDir}, and HF_HUB_OFFLINE forbids to fetch it. ${waysOut}`,
    );
  }
  try {
    return await download(repository, storage, files, options);
  } catch (error) {
    if (options.signal?.aborted === true) throw error;
    throw explained(repository, error);
  }
}

async function download(
  { modelId, revision, hub }: Repository,
  storage: string,
  files: readonly string[],
  { signal, onDownload }: { readonly signal?: AbortSignal; readonly onDownload?: OnDownload },
): Promise<{ folder: string; commit: string }> {
  const access = {
    hubUrl: hub.endpoint,
    fetch: countingFetch(signal, onDownload),
    ...(hub.token === null ? {} : { accessToken: hub.token }),
  };
  const { sha: commit } = await modelInfo({
    name: modelId,
    revision,
    additionalFields: ['sha'],
    ...access,
  });
  const pointers: string[] = [];
  for (const file of files) {
    pointers.push(
      await downloadFileToCacheDir({
        repo: modelId,
        path: file,
        revision: commit,
        cacheDir: hub.cacheDir,
        ...access,
      }),
    );
  }
  if (revision !== commit) await writeRef(storage, revision, commit);
  return { folder: path.dirname(pointers[0] ?? storage), commit };
}

/** Notes which commit a branch or tag stood for, as the Python tools do, so that it can be used offline. */
async function writeRef(storage: string, revision: string, commit: string): Promise<void> {
  const ref = path.join(storage, 'refs', revision);
  await mkdir(path.dirname(ref), { recursive: true });
  const temporary = `${ref}.${randomUUID()}`;
  await writeFile(temporary, commit);
  await rename(temporary, ref);
}

async function cachedCommit(storage: string, revision: string): Promise<string | null> {
  try {
    return (await readFile(path.join(storage, 'refs', revision), 'utf8')).trim();
  } catch {
    return null;
  }
}

async function hasAll(folder: string, files: readonly string[]): Promise<boolean> {
  const found = await Promise.all(
    files.map((file) =>
      stat(path.join(folder, file)).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.every(Boolean);
}

const waysOut =
  'Ways out: set MODEL_PATH to a folder with config.json, preprocessor_config.json and model.safetensors; fill the cache on a ' +
  'machine with internet and copy it (HF_HOME); name a mirror (HF_ENDPOINT); give HF_TOKEN for a gated model; or, to ' +
  'try the service out, ask for the bundled demo model with "npm start -- --demo".';

function explained({ modelId, revision, hub }: Repository, error: unknown): ModelError {
  const what = `${modelId} at ${revision} from ${hub.endpoint}`;
  if (error instanceof HubApiError && [401, 403, 404].includes(error.statusCode)) {
    const reason =
      error.statusCode === 404 ? 'there is no such model or revision' : 'access is denied';
    return new ModelError(
      'model_not_found',
      `${what}: ${reason} (HTTP ${error.statusCode}). ${waysOut}`,
      {
        cause: error,
      },
    );
  }
  return new ModelError(
    'model_download_failed',
    `${what} can't be downloaded: ${reasonOf(error)}. ${waysOut}`,
    {
      cause: error,
    },
  );
}

/** `fetch` hides why it failed in its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? error.cause : null;
  if (cause === null) return error.message;
  const code = 'code' in cause ? String(cause.code) : 'no reason given';
  return `${error.message}: ${cause.message === '' ? code : cause.message}`;
}
