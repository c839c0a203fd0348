import type { BlobStore } from '../../../libs/blobs/blob-store.js';
import { DELETED_PREFIX } from '../../../workflows/contracts/blob-keys.js';
import type { RetentionActivities } from '../../../workflows/contracts/retention.js';
import { withHeartbeat } from './heartbeat.js';

/** Removes what writers that died have left half done, and notes on deletions that Temporal has long carried out. */
export function removeLeftovers(blobs: BlobStore): RetentionActivities['removeLeftovers'] {
  return ({ before, dryRun }) =>
    withHeartbeat(1, async () => {
      const notes: string[] = [];
      for await (const { key, modifiedAt } of blobs.list(DELETED_PREFIX))
        if (modifiedAt.getTime() < before) notes.push(key);
      if (!dryRun) await blobs.delete(notes);
      return blobs.removeLeftovers(new Date(before), dryRun);
    });
}
