import { Inject, Injectable } from '@nestjs/common';
import type { BlobStore } from '../../../libs/blobs/blob-store.js';
import type {
  AggregateInput,
  EvidenceFaces,
  SegmentSamples,
  SegmentScores,
} from '../../../workflows/contracts/activities.js';
import {
  aggregationKey,
  cropsKey,
  faceKey,
  facesIndexKey,
  samplesKey,
  scoresKey,
} from '../../../workflows/contracts/blob-keys.js';
import { planSegments } from '../../../workflows/plan-segments.js';
import { nameOf, type Segment } from '../../../workflows/segment-plan.js';
import { BLOBS } from '../tokens.js';

/** What is damaged or gone of what a result was made from. */
export interface Damage {
  /** For people: `scores of segment 2`. */
  readonly what: string;
  /** The analysis that it belongs to: of a new verdict on stored scores the one that made them. */
  readonly analysisId: string;
}

/** What stored results were made from, and what is shown for them. */
@Injectable()
export class Evidence {
  constructor(@Inject(BLOBS) private readonly blobs: BlobStore) {}

  /**
   * Reads all that belongs to a stored result, so it takes as long as the medium is long: for whoever asks for a cure.
   * @returns the first thing found that is damaged or gone; null where all is there
   */
  async damageOf(id: string): Promise<Damage | null> {
    const input = await this.#json<AggregateInput>(aggregationKey(id));
    if (input === null) return { what: 'what the result was made from', analysisId: id };
    if (!(await this.#hasFaces(id))) return { what: 'the pictures of faces', analysisId: id };
    const { request, probed } = input;
    const segments = [
      ...(input.segments ?? planSegments(request, probed)),
      ...(input.closer ?? []),
    ];
    for (const segment of segments) {
      const lost = await this.#lostOf(input, segment);
      if (lost === null) continue;
      const named = segment.name ?? String(segment.index + 1);
      return { what: `${lost} of segment ${named}`, analysisId: request.analysisId };
    }
    return null;
  }

  async #lostOf(
    { request, model, crop }: AggregateInput,
    segment: Segment,
  ): Promise<'faces' | 'scores' | null> {
    const { analysisId, cropsId } = request;
    const name = nameOf(segment);
    const source = { analysisId, cropsId, crop };
    const samples = await this.#json<SegmentSamples>(samplesKey(source, name));
    if (samples === null) return 'faces';
    if (samples.decoded === 0) return null;
    const crops = await this.blobs.get(cropsKey(source, name));
    if (crops === null) return 'faces';
    const key = scoresKey(analysisId, name, model.fingerprint);
    return (await this.#json<SegmentScores>(key)) === null ? 'scores' : null;
  }

  async #hasFaces(id: string): Promise<boolean> {
    const index = await this.#json<EvidenceFaces>(facesIndexKey(id));
    if (index === null) return false;
    for (const { frame } of index.faces)
      if ((await this.blobs.get(faceKey(id, frame))) === null) return false;
    return true;
  }

  async #json<T>(key: string): Promise<T | null> {
    const bytes = await this.blobs.get(key);
    return bytes === null ? null : (JSON.parse(Buffer.from(bytes).toString('utf8')) as T);
  }
}
