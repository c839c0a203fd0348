/** Their frames build on one another from the first on. */
const UNSEEKABLE = new Set(['gif', 'apng']);

/**
 * How many seconds before the first target to seek, tried in turn until a frame is decoded that is on screen by then. Formats
 * with an index land on the key frame before at once; MPEG-TS and the like land anywhere, often after it.
 */
const SECONDS_BACK = [0, 10, 60];

/**
 * Within the first second of a file nothing is won by seeking, and where frames are reordered ffmpeg seeks to before the first:
 * in AVI that fails, with the first frames gone.
 */
const LEAST_SECONDS = 1;

/**
 * Where to begin decoding for a first target, in seconds from the first frame; null is the file's beginning. The first that
 * serves is taken.
 */
export function seekPoints(container: string, firstTarget: number): readonly (number | null)[] {
  if (UNSEEKABLE.has(container)) return [null];
  const points = SECONDS_BACK.map((back) => {
    const point = firstTarget - back;
    return point > LEAST_SECONDS ? point : null;
  });
  return [...new Set(points)];
}
