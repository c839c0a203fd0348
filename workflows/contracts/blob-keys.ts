import type { CropFormat } from './activities.js';

/**
 * Names of everything in the blob store. A name is computed from the input alone, so that a repeated activity
 * finds what an earlier attempt has finished.
 */

/** A medium or a client's frame, by the SHA-256 of its bytes. */
export const mediaKey = (sha256: string): string => `media/${sha256}`;

/** Everything that belongs to one analysis alone. */
export const runPrefix = (analysisId: string): string => `runs/${analysisId}/`;

/** JSON `string[]`: the media of an analysis of a client's frames, which its ID does not tell. */
export const framesListKey = (analysisId: string): string => `${runPrefix(analysisId)}frames.json`;

/** Where it is noted whose an analysis is. */
export const tenantNotes = (analysisId: string): string => `${runPrefix(analysisId)}tenant/`;

/** Says by its name whose the analysis is. Where there is none it is the default tenant's. */
export const tenantNoteKey = (analysisId: string, tenant: string): string =>
  `${tenantNotes(analysisId)}${tenant}`;

/** The tenant that a blob's name notes; null for other blobs. */
export const tenantOfNote = (key: string): string | null =>
  /^runs\/[^/]+\/tenant\/([^/]+)$/.exec(key)?.[1] ?? null;

/** Begins the names of the notes on deleted analyses. */
export const DELETED_PREFIX = 'deleted/';

/** ID of the last run of an analysis that was deleted: Temporal may list it for minutes after. */
export const deletedKey = (analysisId: string): string => `${DELETED_PREFIX}${analysisId}`;

/** Digits of a medium's hash that the IDs of its analyses and crops begin with. */
export const HASH_DIGITS = 16;

/** What all keys begin with that belong to a medium: itself, its crops and its analyses. */
export const mediumPrefixes = (sha256: string) => {
  const digits = sha256.slice(0, HASH_DIGITS);
  return { media: `media/${digits}`, crops: `crops/${digits}-`, runs: `runs/${digits}-` } as const;
};

/** A segment's number, or its name where it has one. */
export type SegmentName = number | string;

const segmentPath = (segment: SegmentName): string =>
  `segments/${String(segment).padStart(4, '0')}/`;

/** What a segment's crops depend on, and so what they are named by: not the model, but the format it takes. */
export interface CropsOf {
  readonly analysisId: string;
  /** Absent in runs that an earlier release has started: their crops lie with the run. */
  readonly cropsId?: string | undefined;
  readonly crop: CropFormat;
}

const cropsPrefix = ({ analysisId, cropsId, crop }: CropsOf, segment: SegmentName): string =>
  (cropsId === undefined
    ? runPrefix(analysisId)
    : `crops/${cropsId}/${crop.size}-${crop.resample}/`) + segmentPath(segment);

/** Raw RGB8 crops at model size, `count × size × size × 3` bytes. */
export const cropsKey = (crops: CropsOf, segment: SegmentName): string =>
  `${cropsPrefix(crops, segment)}crops.u8`;

/** JSON `SegmentSamples`: which sample each crop is. Written after the crops: its presence means both are there. */
export const samplesKey = (crops: CropsOf, segment: SegmentName): string =>
  `${cropsPrefix(crops, segment)}samples.json`;

/** JSON `SegmentScores`, for one model: another model's scores of the same crops get another name. */
export const scoresKey = (analysisId: string, segment: SegmentName, fingerprint: string): string =>
  `${runPrefix(analysisId)}${segmentPath(segment)}scores-${fingerprint}.json`;

/** JPEG of the crop of one frame, exactly as the model saw it. */
export const faceKey = (analysisId: string, frame: number): string =>
  `${runPrefix(analysisId)}faces/${String(frame).padStart(6, '0')}.jpg`;

/** JSON `EvidenceFaces`: which frames have a picture, and why. */
export const facesIndexKey = (analysisId: string): string =>
  `${runPrefix(analysisId)}faces/index.json`;

/**
 * JSON `AggregateInput`: all that the result was made from, beside samples and scores. Written before the result, so that a
 * result can be made again, and held against the stored one.
 */
export const aggregationKey = (analysisId: string): string =>
  `${runPrefix(analysisId)}aggregation.json`;

/** JSON `AnalysisResult`. */
export const resultKey = (analysisId: string): string => `${runPrefix(analysisId)}result.json`;
