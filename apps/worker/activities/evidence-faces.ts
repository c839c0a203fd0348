import type { BlobStore } from '../../../libs/blobs/blob-store.js';
import { encodeJpeg } from '../../../libs/media/still.js';
import type { EvidenceFace, EvidenceFaces } from '../../../workflows/contracts/activities.js';
import {
  cropsKey,
  faceKey,
  facesIndexKey,
  type CropsOf,
  type SegmentName,
} from '../../../workflows/contracts/blob-keys.js';
import { nameOf } from '../../../workflows/segment-plan.js';
import type { ScoredSegment } from '../result/scored-segments.js';
import { readJson, writeJson } from './json-blobs.js';
import { lostSegments } from './lost-segments.js';

/** Pictures of the highest-scored crops, for a person to look at. */
const HIGHEST = 4;

interface Candidate extends Omit<EvidenceFace, 'why'> {
  readonly segment: SegmentName;
  /** Position in the segment's crops. */
  readonly position: number;
  readonly size: number;
}

/**
 * Stores JPEGs of the crops that tell most, exactly as the model saw them: the highest, the median and the lowest.
 * @throws ApplicationFailure `crops_missing`
 */
export async function writeEvidenceFaces(
  blobs: BlobStore,
  analysisId: string,
  source: CropsOf,
  segments: readonly ScoredSegment[],
): Promise<void> {
  const chosen = chooseFaces(segments);
  const lost = new Set<SegmentName>();
  for (const { segment, position, size, frame } of chosen) {
    const crops = await blobs.get(cropsKey(source, segment));
    if (crops === null) {
      lost.add(segment);
      continue;
    }
    const stride = size * size * 3;
    const jpeg = await encodeJpeg(
      crops.subarray(position * stride, (position + 1) * stride),
      size,
      size,
    );
    await blobs.put(faceKey(analysisId, frame), jpeg);
  }
  if (lost.size > 0) throw lostSegments('crops_missing', [...lost]);
  const index: EvidenceFaces = {
    faces: chosen.map(({ frame, seconds, p, why }) => ({ frame, seconds, p, why })),
  };
  await writeJson(blobs, facesIndexKey(analysisId), index);
}

/** Whether all pictures that were stored of an analysis are there and intact. */
export async function hasEvidenceFaces(blobs: BlobStore, analysisId: string): Promise<boolean> {
  const index = await readJson<EvidenceFaces>(blobs, facesIndexKey(analysisId));
  if (index === null) return false;
  for (const { frame } of index.faces)
    if ((await blobs.get(faceKey(analysisId, frame))) === null) return false;
  return true;
}

function chooseFaces(segments: readonly ScoredSegment[]): (Candidate & EvidenceFace)[] {
  const candidates = segments.flatMap(({ segment, samples, probabilities }) =>
    samples.samples.map(({ frame, seconds }, position): Candidate => ({
      frame,
      seconds,
      p: probabilities[position] ?? NaN,
      segment: nameOf(segment),
      position,
      size: samples.crop.size,
    })),
  );
  const byScore = candidates.toSorted((a, b) => b.p - a.p);
  const chosen = new Map<number, Candidate & EvidenceFace>();
  const take = (candidate: Candidate | undefined, why: EvidenceFace['why']) => {
    if (candidate !== undefined && !chosen.has(candidate.frame))
      chosen.set(candidate.frame, { ...candidate, why });
  };
  for (const candidate of byScore.slice(0, HIGHEST)) take(candidate, 'highest');
  take(byScore[Math.floor(byScore.length / 2)], 'median');
  take(byScore.at(-1), 'lowest');
  return [...chosen.values()];
}
