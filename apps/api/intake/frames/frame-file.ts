import { createHash } from 'node:crypto';
import { constants, open, type FileHandle } from 'node:fs/promises';
import type { BlobStore } from '../../../../libs/blobs/blob-store.js';
import { mediaKey } from '../../../../workflows/contracts/blob-keys.js';
import { MAX_FRAME_BYTES } from '../../http/limits.js';
import { Problem } from '../../problems/problem.js';

/** Not through a link that was put there since the path was checked, and not waiting for a pipe's writer. */
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Copies a frame into the blob store, if its bytes are not there yet; if they are, they count as stored now.
 *
 * @returns the SHA-256 of its bytes, or null when it can't be read
 * @throws Problem `frame_too_large`
 */
export async function storeFrame(
  blobs: BlobStore,
  file: string,
  index: number,
): Promise<string | null> {
  const frame = await openFile(file);
  if (frame === null) return null;
  try {
    const { size } = await frame.stat();
    if (size > MAX_FRAME_BYTES) throw tooLarge(index, size);
    // Reading twice is cheaper than writing once: most frames that come again are there already.
    const sha256 = await hashOf(frame);
    if (await blobs.renew(mediaKey(sha256))) return sha256;
    const bytes = frame.createReadStream({ start: 0, autoClose: false, end: MAX_FRAME_BYTES });
    const stored = await blobs.putByHash(bytes, mediaKey);
    return stored.sha256;
  } catch (error) {
    if (isReadError(error)) return null;
    throw error;
  } finally {
    await frame.close();
  }
}

async function openFile(file: string): Promise<FileHandle | null> {
  let opened: FileHandle;
  try {
    opened = await open(file, FLAGS);
  } catch {
    return null;
  }
  if ((await opened.stat()).isFile()) return opened;
  await opened.close();
  return null;
}

async function hashOf(frame: FileHandle): Promise<string> {
  const hash = createHash('sha256');
  const bytes = frame.createReadStream({ start: 0, autoClose: false, end: MAX_FRAME_BYTES });
  for await (const chunk of bytes as AsyncIterable<Buffer>) hash.update(chunk);
  return hash.digest('hex');
}

/** The disk failed under the frame; the blob store's failures are of its own class. */
function isReadError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && error.syscall === 'read';
}

function tooLarge(index: number, size: number): Problem {
  return new Problem(
    'frame_too_large',
    `Expected frames of at most ${MAX_FRAME_BYTES} bytes, got ${size} in extractedFrames[${index}].`,
  );
}
