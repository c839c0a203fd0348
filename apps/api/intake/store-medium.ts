import { Readable } from 'node:stream';
import type { BlobStore } from '../../../libs/blobs/blob-store.js';
import { SIGNATURE_BYTES, signatureOf } from '../../../libs/media/signature.js';
import type { FileInput } from '../../../workflows/contracts/request.js';

/**
 * Stores a medium under its hash, and on the way looks at what its first bytes say it is.
 * @param keyOf as for {@link BlobStore.putByHash}
 */
export async function storeMedium(
  blobs: BlobStore,
  source: AsyncIterable<Buffer>,
  keyOf: (sha256: string) => string,
): Promise<FileInput> {
  const head: Buffer[] = [];
  const stored = await blobs.putByHash(Readable.from(noting(source, head)), keyOf);
  const { mime } = await signatureOf(Buffer.concat(head).subarray(0, SIGNATURE_BYTES));
  return { kind: 'file', key: keyOf(stored.sha256), ...stored, contentType: mime };
}

/** The same bytes; those of the beginning are put into `head`. */
async function* noting(source: AsyncIterable<Buffer>, head: Buffer[]): AsyncGenerator<Buffer> {
  let noted = 0;
  for await (const chunk of source) {
    if (noted < SIGNATURE_BYTES) {
      head.push(chunk.subarray(0, SIGNATURE_BYTES - noted));
      noted += chunk.length;
    }
    yield chunk;
  }
}
