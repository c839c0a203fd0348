import { open } from 'node:fs/promises';
import { SIGNATURE_BYTES } from './signature.js';

/** A file's first bytes, up to {@link SIGNATURE_BYTES}, and its length. */
export async function readHead(
  file: string,
): Promise<{ readonly head: Uint8Array; readonly bytes: number }> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const { buffer, bytesRead } = await handle.read({ buffer: Buffer.alloc(SIGNATURE_BYTES) });
    return { head: buffer.subarray(0, bytesRead), bytes: size };
  } finally {
    await handle.close();
  }
}
