import { Inject, Injectable } from '@nestjs/common';
import type { BlobStore } from '../../../libs/blobs/blob-store.js';
import { resultKey } from '../../../workflows/contracts/blob-keys.js';
import type { AnalysisResult } from '../../../workflows/contracts/result.js';
import { BLOBS } from '../tokens.js';

/** Results of finished analyses; they outlive Temporal's own memory of the runs. */
@Injectable()
export class ResultStore {
  constructor(@Inject(BLOBS) private readonly blobs: BlobStore) {}

  async find(analysisId: string): Promise<AnalysisResult | null> {
    const bytes = await this.blobs.get(resultKey(analysisId));
    return bytes === null
      ? null
      : (JSON.parse(Buffer.from(bytes).toString('utf8')) as AnalysisResult);
  }
}
