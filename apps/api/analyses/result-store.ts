import { Inject, Injectable } from '@nestjs/common';
import type { BlobStore } from '../../../libs/blobs/blob-store.js';
import { deletedKey, framesListKey, resultKey } from '../../../workflows/contracts/blob-keys.js';
import type { AnalysisRequest } from '../../../workflows/contracts/request.js';
import type { AnalysisResult } from '../../../workflows/contracts/result.js';
import { BLOBS } from '../tokens.js';

/** What is stored of analyses, above all their results; it outlives Temporal's own memory of the runs. */
@Injectable()
export class ResultStore {
  constructor(@Inject(BLOBS) private readonly blobs: BlobStore) {}

  /** Notes which media belong to an analysis of frames, before it starts: deleting it has to find them. */
  async noteFrames({ analysisId, input }: AnalysisRequest): Promise<void> {
    if (input.kind !== 'frames') return;
    const keys = input.frames.flatMap(({ key }) => key ?? []);
    await this.blobs.put(framesListKey(analysisId), Buffer.from(JSON.stringify(keys)));
  }

  /** Notes that an analysis is deleted, up to its run `runId`. */
  async noteDeleted(analysisId: string, runId: string): Promise<void> {
    await this.blobs.put(deletedKey(analysisId), Buffer.from(runId));
  }

  /** Whether the analysis was deleted, and this is its run of before that. */
  async isDeleted(analysisId: string, runId: string): Promise<boolean> {
    const bytes = await this.blobs.get(deletedKey(analysisId));
    return bytes !== null && Buffer.from(bytes).toString('utf8') === runId;
  }

  async find(analysisId: string): Promise<AnalysisResult | null> {
    const bytes = await this.blobs.get(resultKey(analysisId));
    return bytes === null
      ? null
      : (JSON.parse(Buffer.from(bytes).toString('utf8')) as AnalysisResult);
  }
}
