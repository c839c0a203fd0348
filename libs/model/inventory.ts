import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { CONFIG_FILES, filesIn } from './model-files.js';
import type { LocalModel } from './source.js';

/** One file of a model that lies on this machine. */
export interface InventoryEntry {
  /** In the model's folder, with `/` between folders. */
  readonly name: string;
  readonly bytes: number;
  /** Of the content as it is now; null when there is none. */
  readonly sha256: string | null;
  /** What the hub's cache says of it; null for a folder of one's own, which says nothing. */
  readonly promise: Promised | null;
  /** Whether size and content are what was promised. */
  readonly isIntact: boolean | null;
}

/** The hash that a blob of the hub's cache is named by: SHA-256, or git's SHA-1 of the size and content for a small one. */
interface Promised {
  readonly algorithm: 'sha256' | 'git-sha1';
  readonly hash: string;
}

/** The files of a snapshot of the hub's cache; of a folder those that the model is read from. */
export async function inventoryOf(
  { folder, revision }: LocalModel,
  signal?: AbortSignal,
): Promise<readonly InventoryEntry[]> {
  const names = revision === 'local' ? await modelFiles(folder) : await allFiles(folder);
  const entries: InventoryEntry[] = [];
  for (const name of names) entries.push(await entryOf(folder, name, signal));
  return entries;
}

/** The file that an entry's content lies in, perhaps at the end of a link. */
export function contentFile({ folder }: LocalModel, { name }: InventoryEntry): Promise<string> {
  return realpath(path.join(folder, name));
}

async function modelFiles(folder: string): Promise<readonly string[]> {
  return [...CONFIG_FILES, ...(await filesIn(folder)).weights];
}

async function allFiles(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => path.relative(folder, path.join(parentPath, name)))
    .map((name) => name.split(path.sep).join('/'))
    .sort();
}

async function entryOf(
  folder: string,
  name: string,
  signal: AbortSignal | undefined,
): Promise<InventoryEntry> {
  const file = await realpath(path.join(folder, name)).catch(() => null);
  if (file === null) return { name, bytes: 0, sha256: null, promise: null, isIntact: false };
  const { size: bytes } = await stat(file);
  const promise = promiseOf(file);
  const sha256 = createHash('sha256');
  const gitSha1 = createHash('sha1').update(`blob ${bytes}\0`);
  for await (const chunk of createReadStream(file, { signal, highWaterMark: 1024 * 1024 })) {
    sha256.update(chunk as Buffer);
    if (promise?.algorithm === 'git-sha1') gitSha1.update(chunk as Buffer);
  }
  const digest = sha256.digest('hex');
  const found = promise?.algorithm === 'git-sha1' ? gitSha1.digest('hex') : digest;
  const isIntact = promise === null ? null : found === promise.hash;
  return { name, bytes, sha256: digest, promise, isIntact };
}

function promiseOf(file: string): Promised | null {
  const hash = path.basename(file);
  if (path.basename(path.dirname(file)) !== 'blobs') return null;
  if (/^[0-9a-f]{64}$/.test(hash)) return { algorithm: 'sha256', hash };
  if (/^[0-9a-f]{40}$/.test(hash)) return { algorithm: 'git-sha1', hash };
  return null;
}
