import {
  coefficientsFor,
  FRACTION_BITS,
  type Coefficients,
  type Resample,
} from './pillow-filters.js';

export type { Resample } from './pillow-filters.js';

/** Interleaved 8-bit pixels, rows without padding; the fourth channel, if there is one, is ignored. */
export interface PixelImage {
  readonly width: number;
  readonly height: number;
  /** `width · height · channels` bytes. */
  readonly data: Uint8Array;
  /** 3 = RGB (the default), 4 = RGBA. */
  readonly channels?: 3 | 4;
}

/** A part of an image in whole pixels: x1 ≤ x < x2, y1 ≤ y < y2. */
export interface PixelRect {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

const ROUND = 1 << (FRACTION_BITS - 1);

/**
 * Pillow's `Image.resize` for RGB images, byte for byte as Pillow up to 12.3 computes it: separable, antialiased, in
 * fixed point, the horizontal pass first and rounded to bytes before the vertical one (Pillow's `Resample.c`), except
 * that a picture over 100 times as tall as wide is shortened first (`Image.resize`). A pass that changes nothing is
 * left out, as there.
 *
 * @param resample Pillow's number: 1 Lanczos, 2 bilinear, 3 bicubic
 * @param rect the part to resize, the whole image unless given; the same as cropping first
 * @returns `width · height · 3` bytes of RGB, never a view of the input
 * @throws RangeError when sizes, bytes or rectangle do not fit together
 */
export function resizePillow(
  image: PixelImage,
  width: number,
  height: number,
  resample: Resample,
  rect: PixelRect = { x1: 0, y1: 0, x2: image.width, y2: image.height },
): Uint8Array {
  checkSizes(image, width, height, rect);
  const columns = rect.x2 - rect.x1;
  const rows = rect.y2 - rect.y1;
  const horizontal = coefficientsFor(columns, width, resample);
  const vertical = coefficientsFor(rows, height, resample);
  if (rows > columns * 100 && height < rows && vertical !== null) {
    const shortened = resizeColumns(copyRect(image, rect), columns * 3, vertical);
    if (horizontal === null) return shortened;
    const whole = { x1: 0, y1: 0, x2: columns, y2: height };
    return resizeRows({ width: columns, height, data: shortened }, whole, horizontal);
  }
  const narrowed =
    horizontal === null ? copyRect(image, rect) : resizeRows(image, rect, horizontal);
  return vertical === null ? narrowed : resizeColumns(narrowed, width * 3, vertical);
}

function copyRect(image: PixelImage, { x1, y1, x2, y2 }: PixelRect): Uint8Array {
  const { data, channels = 3 } = image;
  const out = new Uint8Array((x2 - x1) * (y2 - y1) * 3);
  let to = 0;
  for (let y = y1; y < y2; y++) {
    const start = (y * image.width + x1) * channels;
    const end = start + (x2 - x1) * channels;
    for (let from = start; from < end; from += channels) {
      out[to++] = data[from] ?? 0;
      out[to++] = data[from + 1] ?? 0;
      out[to++] = data[from + 2] ?? 0;
    }
  }
  return out;
}

/** The horizontal pass over every row of the rectangle. */
function resizeRows(image: PixelImage, rect: PixelRect, table: Coefficients): Uint8Array {
  const { data, channels = 3 } = image;
  const { first, count, weights, taps } = table;
  const width = first.length;
  const out = new Uint8Array(width * (rect.y2 - rect.y1) * 3);
  let to = 0;
  for (let y = rect.y1; y < rect.y2; y++) {
    const row = (y * image.width + rect.x1) * channels;
    for (let x = 0; x < width; x++) {
      let from = row + (first[x] ?? 0) * channels;
      let red = ROUND;
      let green = ROUND;
      let blue = ROUND;
      const end = x * taps + (count[x] ?? 0);
      for (let k = x * taps; k < end; k++) {
        const weight = weights[k] ?? 0;
        red += (data[from] ?? 0) * weight;
        green += (data[from + 1] ?? 0) * weight;
        blue += (data[from + 2] ?? 0) * weight;
        from += channels;
      }
      out[to++] = toByte(red);
      out[to++] = toByte(green);
      out[to++] = toByte(blue);
    }
  }
  return out;
}

/** The vertical pass over rows of `stride` bytes. */
function resizeColumns(data: Uint8Array, stride: number, table: Coefficients): Uint8Array {
  const { first, count, weights, taps } = table;
  const height = first.length;
  const out = new Uint8Array(stride * height);
  const sums = new Int32Array(stride);
  for (let y = 0; y < height; y++) {
    sums.fill(ROUND);
    let from = (first[y] ?? 0) * stride;
    const end = y * taps + (count[y] ?? 0);
    for (let k = y * taps; k < end; k++) {
      const weight = weights[k] ?? 0;
      for (let x = 0; x < stride; x++) sums[x] = (sums[x] ?? 0) + (data[from + x] ?? 0) * weight;
      from += stride;
    }
    const row = y * stride;
    for (let x = 0; x < stride; x++) out[row + x] = toByte(sums[x] ?? 0);
  }
  return out;
}

function toByte(sum: number): number {
  const value = sum >> FRACTION_BITS;
  return value < 0 ? 0 : value > 255 ? 255 : value;
}

function checkSizes(image: PixelImage, width: number, height: number, rect: PixelRect): void {
  const { channels = 3 } = image;
  if (image.data.length !== image.width * image.height * channels) {
    throw new RangeError(
      `expected ${image.width}×${image.height}×${channels} bytes of pixels, got ${image.data.length}`,
    );
  }
  const numbers = [width, height, rect.x1, rect.y1, rect.x2, rect.y2];
  const { x1, y1, x2, y2 } = rect;
  const isInside =
    0 <= x1 && x1 < x2 && x2 <= image.width && 0 <= y1 && y1 < y2 && y2 <= image.height;
  if (!numbers.every(Number.isInteger) || width < 1 || height < 1 || !isInside) {
    throw new RangeError(
      `expected a target of at least 1×1 and a rectangle of whole pixels inside ${image.width}×${image.height}, ` +
        `got ${width}×${height} from (${x1}, ${y1})–(${x2}, ${y2})`,
    );
  }
}
