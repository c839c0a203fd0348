import { Inject, Injectable } from '@nestjs/common';
import type { BlobStore } from '../../../libs/blobs/blob-store.js';
import { BlobsInUse, framesOf } from '../../../libs/blobs/blobs-in-use.js';
import { listRunningAnalyses } from '../../../libs/platform/running-analyses.js';
import { mediumPrefixes, resultKey, runPrefix } from '../../../workflows/contracts/blob-keys.js';
import { Problem } from '../problems/problem.js';
import { Temporal } from '../temporal/temporal.js';
import { BLOBS } from '../tokens.js';
import { analysisNotFound } from './analysis-not-found.js';
import { isAnalysisId } from './analysis-id.js';
import { ResultStore } from './result-store.js';
import { Runs } from './runs.js';

const LIST_MS = 10_000;

/** Body of the answer to `DELETE /api/v1/inference/{id}`. */
export interface DeletedBody {
  readonly id: string;
  readonly deleted: {
    /** Whether there was one. */
    readonly result: boolean;
    readonly media: number;
    readonly crops: number;
    /** All of them together, with scores and pictures of faces. */
    readonly blobs: number;
    readonly bytes: number;
    /** Runs that Temporal listed; it drops them from its list a while later. */
    readonly runs: number;
  };
  /** True where media and crops stay, as another analysis of the same media has them too. */
  readonly media_kept: boolean;
}

/** Deletes analyses, with all that is stored of them. */
@Injectable()
export class Deletion {
  constructor(
    @Inject(BLOBS) private readonly blobs: BlobStore,
    @Inject(Temporal) private readonly temporal: Temporal,
    @Inject(Runs) private readonly runs: Runs,
    @Inject(ResultStore) private readonly results: ResultStore,
  ) {}

  /** @throws Problem `analysis_not_found`, or `analysis_running` for one that has not ended */
  async delete(id: string): Promise<DeletedBody> {
    if (!isAnalysisId(id)) throw analysisNotFound(id);
    const found = await this.runs.describe(id);
    const isDeleted = found !== null && (await this.results.isDeleted(id, found.runId));
    const state = isDeleted ? null : found;
    if (state?.status === 'queued' || state?.status === 'running') {
      throw new Problem(
        'analysis_running',
        `Expected an analysis that has ended, got one that is ${state.status}.`,
        { members: { id, analysis_status: state.status } },
      );
    }
    const own = await this.#list(runPrefix(id));
    if (own.length === 0 && state === null) throw analysisNotFound(id);
    const hasResult = own.some(({ key }) => key === resultKey(id));
    const media = await this.#mediaOf(id);
    // The result first: from here on nobody is answered with it, and a deletion that breaks off can be repeated.
    await this.blobs.delete([resultKey(id)]);
    const all = [...(media?.media ?? []), ...(media?.crops ?? []), ...own];
    await this.blobs.delete(all.map(({ key }) => key));
    // Temporal takes its time; whoever asks until then is told that there is no such analysis.
    if (state !== null) await this.results.noteDeleted(id, state.runId);
    const runs = await this.runs.forget(id);
    return {
      id,
      deleted: {
        result: hasResult,
        media: media?.media.length ?? 0,
        crops: media?.crops.length ?? 0,
        blobs: all.length,
        bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
        runs,
      },
      media_kept: media === null,
    };
  }

  /** The media and crops that go with the analysis; null where another one of the same media has them too. */
  async #mediaOf(id: string) {
    const { client } = this.temporal;
    const running = await this.temporal.within(LIST_MS, () => listRunningAnalyses(client));
    const inUse = await BlobsInUse.by(running, this.blobs);
    const prefixes = mediumPrefixes(id);
    if (inUse.isInput(id)) return null;
    for await (const { key } of this.blobs.list(prefixes.runs))
      if (!key.startsWith(runPrefix(id))) return null;
    const crops = await this.#list(prefixes.crops);
    const frames = await framesOf(this.blobs, id);
    const media =
      frames.length === 0 ? await this.#list(prefixes.media) : await this.#onlyOf(id, frames);
    return { crops, media: media.filter(({ key }) => !inUse.isMedium(key)) };
  }

  /** Those frames that were not uploaded as media of their own as well. */
  async #onlyOf(id: string, frames: readonly string[]) {
    const found = [];
    for (const key of new Set(frames)) {
      const { runs } = mediumPrefixes(key.slice('media/'.length));
      const others = (await this.#list(runs)).filter((blob) => !blob.key.startsWith(runPrefix(id)));
      if (others.length === 0) found.push(...(await this.#list(key)));
    }
    return found;
  }

  async #list(prefix: string) {
    const found = [];
    for await (const entry of this.blobs.list(prefix)) found.push(entry);
    return found;
  }
}
