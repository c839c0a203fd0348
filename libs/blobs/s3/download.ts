import { open } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import type { Bucket, S3Object } from './bucket.js';
import { withAttempts } from './attempts.js';
import { isTaken, statusOf } from './s3-errors.js';

/**
 * Fetches an object into a file. A transfer that breaks off goes on where it was; an object that was replaced in the
 * meantime is an error.
 *
 * @returns the SHA-256 of what came; null when the object is gone
 */
export async function download(
  bucket: Bucket,
  key: string,
  { bytes, etag }: S3Object,
  file: string,
  maxAttempts: number,
): Promise<string | null> {
  const hash = createHash('sha256');
  const target = await open(file, 'wx');
  let position = 0;
  try {
    return await withAttempts(maxAttempts, isWorthAnother, async () => {
      if (position < bytes) {
        const range = { start: position, end: bytes - 1 };
        const found = await bucket.get(key, { range, etag });
        if (found === null) return null;
        for await (const chunk of found.body as AsyncIterable<Buffer>) {
          hash.update(chunk);
          await target.appendFile(chunk);
          position += chunk.length;
        }
        if (position < bytes) throw new Error('the transfer ended before the object did');
      }
      return hash.digest('hex');
    });
  } finally {
    await target.close();
  }
}

/** A refusal stays one; a connection that broke, or a server that failed, may be another next time. */
export function isWorthAnother(error: unknown): boolean {
  return !isTaken(error) && (statusOf(error) ?? 500) >= 500;
}
