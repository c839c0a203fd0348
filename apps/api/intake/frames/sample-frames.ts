/** Frames of a client's list that are analysed at most; as many as of a short video. */
export const MAX_FRAMES = 30;

/**
 * Indexes of the frames to analyse: all of up to {@link MAX_FRAMES}, else that many spread evenly over the whole
 * list, `floor((i + 0.5) · n / 30)`, the middles of 30 equal parts.
 *
 * @param count length of the client's list, ≥ 0
 */
export function sampleFrameIndexes(count: number): readonly number[] {
  const samples = Math.min(count, MAX_FRAMES);
  return Array.from({ length: samples }, (_, i) => Math.floor(((i + 0.5) * count) / samples));
}
