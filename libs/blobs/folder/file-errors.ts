import { BlobStoreError } from '../blob-store.js';

/** Turns a file system's error into one without paths, which may reach a client. */
export async function guarded<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof BlobStoreError || error instanceof RangeError) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw new BlobStoreError(`The blob store could not ${what}: ${code}`, { cause: error });
  }
}

/** What `read` gives, or null when there is no such file. */
export async function absentAsNull<T>(read: () => Promise<T>): Promise<T | null> {
  return guarded('read', async () => {
    try {
      return await read();
    } catch (error) {
      if (hasCode(error, 'ENOENT', 'ENOTDIR')) return null;
      throw error;
    }
  });
}

export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}
