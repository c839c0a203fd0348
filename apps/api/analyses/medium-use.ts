import { Inject, Injectable } from '@nestjs/common';
import type { BlobEntry, BlobStore } from '../../../libs/blobs/blob-store.js';
import type { RunningAnalysis } from '../../../libs/platform/running-analyses.js';
import type { AggregateInput } from '../../../workflows/contracts/activities.js';
import {
  aggregationKey,
  HASH_DIGITS,
  mediumPrefixes,
  tenantOfNote,
} from '../../../workflows/contracts/blob-keys.js';
import { ANALYZE_MEDIA } from '../../../workflows/contracts/progress.js';
import { DEFAULT_TENANT } from '../../../workflows/contracts/tenant.js';
import { BLOBS } from '../tokens.js';
import { Runs } from './runs.js';

/** An analysis of a medium, and whose it is. */
export interface Holder {
  readonly analysisId: string;
  readonly tenant: string;
}

/** Which analyses have a medium in common: bytes are stored once, whoever sends them. */
@Injectable()
export class MediumUse {
  constructor(
    @Inject(BLOBS) private readonly blobs: BlobStore,
    @Inject(Runs) private readonly runs: Runs,
  ) {}

  /** All analyses of the medium of `id` but itself, stored or running. */
  async othersOf(id: string, running: readonly RunningAnalysis[]): Promise<readonly Holder[]> {
    const digits = id.slice(0, HASH_DIGITS);
    const others = new Map(await this.#storedOf(digits));
    for (const { analysisId, tenant } of running)
      if (analysisId.startsWith(digits)) others.set(analysisId, tenant);
    others.delete(id);
    return [...others].map(([analysisId, tenant]) => ({ analysisId, tenant }));
  }

  /** The tenants that have analyses of a medium itself, but for `id`. */
  async holdersOf(mediaKey: string, id: string): Promise<readonly string[]> {
    const stored = new Map(await this.#storedOf(mediaKey.slice('media/'.length)));
    stored.delete(id);
    return [...stored.values()];
  }

  /** The crops of the medium of `id` that none of the others are made of. */
  async cropsWithout(id: string, others: readonly Holder[]): Promise<readonly BlobEntry[]> {
    const kept = await Promise.all(others.map(({ analysisId }) => this.#cropsIdOf(analysisId)));
    const crops = await listOf(this.blobs, mediumPrefixes(id).crops);
    return crops.filter(({ key }) => !kept.includes(key.split('/')[1]));
  }

  async #storedOf(sha256: string): Promise<ReadonlyMap<string, string>> {
    const stored = new Map<string, string>();
    for await (const { key } of this.blobs.list(mediumPrefixes(sha256).runs)) {
      const id = key.split('/')[1] ?? '';
      const noted = tenantOfNote(key);
      if (noted !== null || !stored.has(id)) stored.set(id, noted ?? DEFAULT_TENANT);
    }
    return stored;
  }

  /** Undefined where nothing tells any more: such an analysis has ended, and needs its crops no more. */
  async #cropsIdOf(analysisId: string): Promise<string | undefined> {
    const input = await this.runs.inputOf(analysisId);
    if (input?.type === ANALYZE_MEDIA) return input.request.cropsId;
    const stored = await this.blobs.get(aggregationKey(analysisId));
    if (stored === null) return undefined;
    return (JSON.parse(Buffer.from(stored).toString('utf8')) as AggregateInput).request.cropsId;
  }
}

export async function listOf(blobs: BlobStore, prefix: string): Promise<readonly BlobEntry[]> {
  const found: BlobEntry[] = [];
  for await (const entry of blobs.list(prefix)) found.push(entry);
  return found;
}
