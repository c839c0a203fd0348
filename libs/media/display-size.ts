/** A pixel that is more than this many times as wide as high, or the other way about, is a mistake in the header. */
const MOST_STRETCHED = 5;

/**
 * A picture's size with square pixels. As browsers do it, one side grows and none shrinks.
 *
 * @param pixelShape width to height of a pixel, as ffprobe writes it: `4:3`; anything else counts as square
 */
export function displaySize(
  { width, height }: { readonly width: number; readonly height: number },
  pixelShape: string | undefined,
): { readonly width: number; readonly height: number } {
  const [across = NaN, down = NaN] = (pixelShape ?? '').split(':').map(Number);
  const shape = across / down;
  if (!(shape <= MOST_STRETCHED && shape >= 1 / MOST_STRETCHED)) return { width, height };
  return shape >= 1
    ? { width: Math.round(width * shape), height }
    : { width, height: Math.round(height / shape) };
}
