import { link, mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { guarded, hasCode } from './file-errors.js';
import { temporaryFile } from './temporary-file.js';

/** A file that has been written under a temporary name and is on the disk. */
export interface WrittenFile {
  /** Moves it to its place, over what is there. */
  replace(target: string): Promise<void>;
  /** Moves it to its place unless something is there. @returns whether it was moved */
  moveOnce(target: string): Promise<boolean>;
  /** Removes it where it was not moved. */
  discard(): Promise<void>;
}

/**
 * Writes a file in `folder` and makes it durable. After a crash its later place has all bytes or is as it was.
 * @param folder on the same file system as the later place, so that moving it is atomic
 */
export async function writeDurably(
  folder: string,
  write: (file: FileHandle) => Promise<void>,
): Promise<WrittenFile> {
  const temporary = temporaryFile(folder);
  const discard = () => rm(temporary, { force: true });
  const file = await guarded('write', () => open(temporary, 'wx'));
  try {
    await write(file);
    await guarded('write', async () => {
      await file.sync();
      await file.close();
    });
  } catch (error) {
    await file.close().catch(() => undefined);
    await discard();
    throw error;
  }
  return {
    replace: (target) =>
      move(target, async () => {
        await rename(temporary, target);
      }),
    moveOnce: async (target) => {
      try {
        await move(target, () => link(temporary, target));
        return true;
      } catch (error) {
        if (error instanceof Error && hasCode(error.cause, 'EEXIST')) return false;
        throw error;
      } finally {
        await discard();
      }
    },
    discard,
  };
}

/** All of a chunk, however much of it one call takes. */
export async function writeWhole(file: FileHandle, chunk: Uint8Array): Promise<void> {
  await guarded('write', async () => {
    for (let offset = 0; offset < chunk.length;) {
      offset += (await file.write(chunk, offset)).bytesWritten;
    }
  });
}

/** Moves a file and makes its new name durable, with the folders that were made for it. */
async function move(target: string, how: () => Promise<void>): Promise<void> {
  const folder = path.dirname(target);
  await guarded('write', async () => {
    const made = await mkdir(folder, { recursive: true });
    try {
      await how();
    } catch (error) {
      // Somebody removed the folder as empty just now.
      if (!hasCode(error, 'ENOENT')) throw error;
      await mkdir(folder, { recursive: true });
      await how();
    }
    const top = made === undefined ? folder : path.dirname(made);
    for (let each = folder; ; each = path.dirname(each)) {
      await syncFolder(each);
      if (each === top) return;
    }
  });
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } catch (error) {
    // Some file systems have nothing to sync there.
    if (!hasCode(error, 'EINVAL', 'ENOTSUP', 'EPERM')) throw error;
  } finally {
    await handle.close();
  }
}
