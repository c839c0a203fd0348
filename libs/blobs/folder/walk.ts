import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { BlobEntry } from '../blob-store.js';
import { absentAsNull } from './file-errors.js';

/**
 * The files below `root` whose keys begin with `prefix` and come after `after`, in the order of their keys' bytes. Holds the
 * names of one folder at each depth. Hidden names are no blobs.
 */
export async function* walk(
  root: string,
  prefix: string,
  after: string,
  folder = '',
): AsyncGenerator<BlobEntry> {
  const names = await absentAsNull(() => readdir(path.join(root, folder), { withFileTypes: true }));
  const keys = (names ?? [])
    .filter(({ name }) => !name.startsWith('.'))
    .map((entry) => ({ key: folder + entry.name + (entry.isDirectory() ? '/' : ''), entry }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  for (const { key, entry } of keys) {
    if (entry.isDirectory()) {
      const mayHold = key.startsWith(prefix) || prefix.startsWith(key);
      // All below come before `after`, unless that lies in it.
      if (mayHold && (key > after || after.startsWith(key))) yield* walk(root, prefix, after, key);
    } else if (key.startsWith(prefix) && key > after) {
      const found = await absentAsNull(() => stat(path.join(root, key)));
      if (found !== null) yield { key, bytes: found.size, modifiedAt: found.mtime };
    }
  }
}
