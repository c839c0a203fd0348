import { Inject, Injectable } from '@nestjs/common';
import type { BlobStore } from '../../../libs/blobs/blob-store.js';
import {
  tenantOfNote,
  tenantNoteKey,
  tenantNotes,
} from '../../../workflows/contracts/blob-keys.js';
import { DEFAULT_TENANT } from '../../../workflows/contracts/tenant.js';
import type { Config } from '../../../libs/platform/config/config.js';
import { BLOBS, CONFIG } from '../tokens.js';

/**
 * Whose the stored analyses are, which outlive Temporal's memory of their runs: each that was started while there were API keys
 * has a note. Its name says whose, so that no damage to its bytes makes it someone else's.
 */
@Injectable()
export class Owners {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(BLOBS) private readonly blobs: BlobStore,
  ) {}

  /**
   * To be noted before the run starts: from then on no other tenant's deletion of the same medium takes it away. Temporal's list
   * of what runs would be a second late.
   */
  async note(analysisId: string, tenant: string): Promise<void> {
    if (this.config.apiKeys.length === 0) return;
    await this.blobs.put(tenantNoteKey(analysisId, tenant), Buffer.from(tenant));
  }

  async of(analysisId: string): Promise<string> {
    for await (const { key } of this.blobs.list(tenantNotes(analysisId)))
      return tenantOfNote(key) ?? DEFAULT_TENANT;
    return DEFAULT_TENANT;
  }
}
