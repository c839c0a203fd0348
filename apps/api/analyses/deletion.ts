import { Inject, Injectable } from '@nestjs/common';
import type { BlobEntry, BlobStore } from '../../../libs/blobs/blob-store.js';
import { BlobsInUse, framesOf } from '../../../libs/blobs/blobs-in-use.js';
import { listRunningAnalyses } from '../../../libs/platform/running-analyses.js';
import { mediumPrefixes, resultKey, runPrefix } from '../../../workflows/contracts/blob-keys.js';
import { Problem } from '../problems/problem.js';
import { Temporal } from '../temporal/temporal.js';
import { Owners } from '../tenants/owners.js';
import { BLOBS } from '../tokens.js';
import { analysisNotFound } from './analysis-not-found.js';
import { isAnalysisId } from './analysis-id.js';
import { listOf, MediumUse } from './medium-use.js';
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
  /** True where media and crops stay, as another analysis of the tenant's of the same media has them too. */
  readonly media_kept: boolean;
}

interface MediaOfAnalysis {
  readonly media: readonly BlobEntry[];
  readonly crops: readonly BlobEntry[];
  /** Keys of those that nobody else needs. */
  readonly gone: readonly string[];
}

/** Deletes analyses, with all that is stored of them. */
@Injectable()
export class Deletion {
  constructor(
    @Inject(BLOBS) private readonly blobs: BlobStore,
    @Inject(Owners) private readonly owners: Owners,
    @Inject(MediumUse) private readonly medium: MediumUse,
    @Inject(Temporal) private readonly temporal: Temporal,
    @Inject(Runs) private readonly runs: Runs,
    @Inject(ResultStore) private readonly results: ResultStore,
  ) {}

  /**
   * @param tenant whose it has to be
   * @throws Problem `analysis_not_found`, or `analysis_running` for one that has not ended
   */
  async delete(id: string, tenant: string): Promise<DeletedBody> {
    if (!isAnalysisId(id)) throw analysisNotFound(id);
    const found = await this.runs.describe(id);
    if ((found?.tenant ?? (await this.owners.of(id))) !== tenant) throw analysisNotFound(id);
    const isDeleted = found !== null && (await this.results.isDeleted(id, found.runId));
    const state = isDeleted ? null : found;
    if (state?.status === 'queued' || state?.status === 'running') {
      throw new Problem(
        'analysis_running',
        `Expected an analysis that has ended, got one that is ${state.status}.`,
        { members: { id, analysis_status: state.status } },
      );
    }
    const own = await listOf(this.blobs, runPrefix(id));
    if (own.length === 0 && state === null) throw analysisNotFound(id);
    const hasResult = own.some(({ key }) => key === resultKey(id));
    const media = await this.#mediaOf(id, tenant);
    // The result first: from here on nobody is answered with it, and a deletion that breaks off can be repeated.
    await this.blobs.delete([resultKey(id)]);
    const all = [...(media?.media ?? []), ...(media?.crops ?? []), ...own];
    await this.blobs.delete([...(media?.gone ?? []), ...own.map(({ key }) => key)]);
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

  /**
   * The media and crops that go with the analysis; null where another one of the tenant's has them too. What other tenants
   * have of the same medium shows in no number: media that they need are `media` of this analysis, and stay unseen.
   */
  async #mediaOf(id: string, tenant: string): Promise<MediaOfAnalysis | null> {
    const { client } = this.temporal;
    const running = await this.temporal.within(LIST_MS, () => listRunningAnalyses(client));
    const own = running.filter((analysis) => analysis.tenant === tenant);
    const [inUse, inOwnUse] = await Promise.all([
      BlobsInUse.by(running, this.blobs),
      BlobsInUse.by(own, this.blobs),
    ]);
    const others = await this.medium.othersOf(id, running);
    if (others.some((other) => other.tenant === tenant)) return null;
    const media: BlobEntry[] = [];
    const gone: string[] = [];
    for (const entry of await this.#inputOf(id)) {
      const { key } = entry;
      const holders = await this.medium.holdersOf(key, id);
      if (inOwnUse.isMedium(key) || holders.includes(tenant)) continue;
      media.push(entry);
      if (holders.length === 0 && !inUse.isMedium(key)) gone.push(key);
    }
    const crops = await this.medium.cropsWithout(id, others);
    return { crops, media, gone: [...gone, ...crops.map(({ key }) => key)] };
  }

  /** The medium, or the frames. */
  async #inputOf(id: string): Promise<readonly BlobEntry[]> {
    const frames = new Set(await framesOf(this.blobs, id));
    const prefixes = frames.size === 0 ? [mediumPrefixes(id).media] : [...frames];
    return (await Promise.all(prefixes.map((prefix) => listOf(this.blobs, prefix)))).flat();
  }
}
