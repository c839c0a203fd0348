import { ApplicationFailure } from '@temporalio/common';
import type { BlobStore, LocalBlob } from '../../../libs/blobs/blob-store.js';

/**
 * Gives `use` the path of a medium as a local file for as long as it runs.
 * @throws ApplicationFailure `media_gone` when the medium is not there or damaged, before or after: what was read of one that
 *   was exchanged in the meantime, or the failure to read it, says nothing of the medium that was sent
 */
export async function withLocalMedium<T>(
  blobs: BlobStore,
  key: string,
  use: (path: string) => Promise<T>,
): Promise<T> {
  const local = await needLocal(blobs, key);
  try {
    return await use(local.path);
  } finally {
    await local.release();
    await refuseDamaged(blobs, key);
  }
}

/** {@link withLocalMedium} of what gives one thing after the other. */
export async function* eachOfLocalMedium<T>(
  blobs: BlobStore,
  key: string,
  use: (path: string) => AsyncIterable<T>,
): AsyncGenerator<T> {
  const local = await needLocal(blobs, key);
  try {
    yield* use(local.path);
  } finally {
    await local.release();
    await refuseDamaged(blobs, key);
  }
}

async function needLocal(blobs: BlobStore, key: string): Promise<LocalBlob> {
  const local = await blobs.local(key);
  if (local === null) throw mediaGone();
  return local;
}

async function refuseDamaged(blobs: BlobStore, key: string): Promise<void> {
  await (await needLocal(blobs, key)).release();
}

function mediaGone(): ApplicationFailure {
  return ApplicationFailure.create({
    type: 'media_gone',
    nonRetryable: true,
    message:
      'Expected the media as they were sent, but they were damaged in the store or deleted from it. Send the media again.',
  });
}
