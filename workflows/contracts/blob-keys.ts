/**
 * Names of everything in the blob store. A name is computed from the input alone, so that a repeated activity
 * finds what an earlier attempt has finished.
 */

/** A medium or a client's frame, by the SHA-256 of its bytes. */
export const mediaKey = (sha256: string): string => `media/${sha256}`;

const runPrefix = (analysisId: string): string => `runs/${analysisId}/`;

const segmentPrefix = (analysisId: string, segment: number): string =>
  `${runPrefix(analysisId)}segments/${String(segment).padStart(4, '0')}/`;

/** Raw RGB8 crops at model size, `count × size × size × 3` bytes. */
export const cropsKey = (analysisId: string, segment: number): string =>
  `${segmentPrefix(analysisId, segment)}crops.u8`;

/** JSON `SegmentSamples`: which sample each crop is. Written after the crops: its presence means both are there. */
export const samplesKey = (analysisId: string, segment: number): string =>
  `${segmentPrefix(analysisId, segment)}samples.json`;

/** JSON `SegmentScores`, for one model: another model's scores of the same crops get another name. */
export const scoresKey = (analysisId: string, segment: number, fingerprint: string): string =>
  `${segmentPrefix(analysisId, segment)}scores-${fingerprint}.json`;

/** JPEG of the crop of one frame, exactly as the model saw it. */
export const faceKey = (analysisId: string, frame: number): string =>
  `${runPrefix(analysisId)}faces/${String(frame).padStart(6, '0')}.jpg`;

/** JSON `EvidenceFaces`: which frames have a picture, and why. */
export const facesIndexKey = (analysisId: string): string =>
  `${runPrefix(analysisId)}faces/index.json`;

/** JSON `AnalysisResult`. */
export const resultKey = (analysisId: string): string => `${runPrefix(analysisId)}result.json`;
