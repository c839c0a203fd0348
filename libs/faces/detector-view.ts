import type { RasterImage } from '../media/raster-image.js';

/**
 * Longest side in pixels that the detector is shown. It looks at 192×192, so more shows it nothing more; it fails for good
 * on a side of 32,767 or more and keeps the memory that its largest picture took. 4K frames pass untouched.
 */
export const LONGEST_SIDE = 4096;

/** What the detector is shown of a picture. */
export interface DetectorView {
  readonly image: RasterImage;
  /** Pixels of the picture, along a side, that one pixel of the view stands for. */
  readonly step: number;
}

/**
 * The picture itself or, where a side is over {@link LONGEST_SIDE}, every n-th pixel of every n-th row. Detection takes
 * single pixels in the same way, without smoothing, on its way down to 192×192.
 */
export function detectorView(image: RasterImage): DetectorView {
  const step = Math.ceil(Math.max(image.width, image.height) / LONGEST_SIDE);
  return step <= 1 ? { image, step: 1 } : { image: everyNth(image, step), step };
}

function everyNth({ width, height, channels, data }: RasterImage, step: number): RasterImage {
  const columns = Math.ceil(width / step);
  const rows = Math.ceil(height / step);
  const shown = new Uint8Array(columns * rows * channels);
  const middle = step >> 1;
  let to = 0;
  for (let row = 0; row < rows; row++) {
    const y = Math.min(row * step + middle, height - 1);
    for (let column = 0; column < columns; column++) {
      const from = (y * width + Math.min(column * step + middle, width - 1)) * channels;
      for (let channel = 0; channel < channels; channel++) shown[to++] = data[from + channel] ?? 0;
    }
  }
  return { width: columns, height: rows, channels, data: shown };
}
