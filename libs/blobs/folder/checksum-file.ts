import { readFile, rename, rm, writeFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { absentAsNull, guarded } from './file-errors.js';
import { temporaryFile } from './temporary-file.js';

/** Contents whose writing overlapped: a reader may meet the old bytes with the new checksum. */
const MOST = 4;
const LINE = /^([0-9a-f]{64}) {2}/;

/** Where the SHA-256 of `file` is noted: a hidden neighbour in the form of `sha256sum`. */
const noteOf = (file: string): string =>
  path.join(path.dirname(file), `.${path.basename(file)}.sha256`);

/**
 * Notes the SHA-256 of what `file` is about to hold, before it does, so that nobody meets bytes without it. What it held
 * until then stays right, as it does until the moment of the move.
 *
 * @param temporaryFolder on the same file system
 */
export async function noteChecksum(
  file: string,
  sha256: string,
  temporaryFolder: string,
): Promise<void> {
  const known = await notedChecksums(file);
  if (known[0] === sha256) return;
  const kept = [sha256, ...known.filter((each) => each !== sha256)].slice(0, MOST);
  const lines = kept.map((each) => `${each}  ${path.basename(file)}\n`);
  const temporary = temporaryFile(temporaryFolder);
  await guarded('write', async () => {
    try {
      await writeFile(temporary, lines.join(''), { flag: 'wx' });
      await mkdir(path.dirname(file), { recursive: true });
      // Not synced by itself: one that a power cut leaves empty says nothing, and the folder is synced with the file.
      await rename(temporary, noteOf(file));
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  });
}

/** SHA-256 of what `file` may hold, the newest first; none for files of earlier releases. */
export async function notedChecksums(file: string): Promise<readonly string[]> {
  const text = await absentAsNull(() => readFile(noteOf(file), 'utf8'));
  return (text ?? '').split('\n').flatMap((line) => LINE.exec(line)?.[1] ?? []);
}

export async function forgetChecksum(file: string): Promise<void> {
  await rm(noteOf(file), { force: true });
}
