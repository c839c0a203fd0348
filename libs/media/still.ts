import sharp, { type Metadata } from 'sharp';
import { DEFAULT_LIMITS } from './limits.js';
import { MediaError } from './media-error.js';
import { isSideways, orientationOfExif, type Orientation } from './orientation.js';
import { refuseLarger } from './refusals.js';
import type { RasterImage } from './raster-image.js';

// Every picture is another: a cache would only hold memory. One thread a picture: several are decoded at once.
sharp.cache(false);
sharp.concurrency(1);
// libvips would also read SVG and other formats that may name further files.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: ['Jpeg', 'Png', 'Webp', 'Heif', 'Tiff', 'Nsgif'].map(
    (loader) => `VipsForeignLoad${loader}`,
  ),
});

/** What a still's header says. */
export interface StillMetadata extends Orientation {
  /** `jpeg`, `png`, `webp`, `avif`, `heic` (HEIF with another codec than AV1), `tiff` or `gif`. */
  readonly format: string;
  /** Upright size in pixels. */
  readonly width: number;
  readonly height: number;
  /** More than 1 in an animation, and in a TIFF of several pages. */
  readonly pages: number;
  /** Milliseconds that each page of an animation is shown; empty for others. */
  readonly delaysMs: readonly number[];
}

export interface StillOptions {
  /** Refuse larger pictures. */
  readonly maxPixels?: number;
  /** Milliseconds that it may take. */
  readonly timeoutMs?: number;
}

/** @throws MediaError `media_unreadable` when the header can't be read */
export async function stillMetadata(file: string): Promise<StillMetadata> {
  const header = await orMediaError(sharp(file, { limitInputPixels: false }).metadata());
  const orientation = orientationOfExif(header.orientation);
  const sideways = isSideways(orientation);
  return {
    ...orientation,
    format: formatOf(header),
    width: sideways ? header.height : header.width,
    height: sideways ? header.width : header.height,
    pages: header.pages ?? 1,
    delaysMs: header.delay ?? [],
  };
}

function formatOf({ format, compression }: Metadata): string {
  if (format !== 'heif') return format;
  return compression === 'av1' ? 'avif' : 'heic';
}

/**
 * Decodes a still as Pillow's `ImageOps.exif_transpose` and `convert("RGB")` do: upright, 8 bits, alpha dropped and not
 * composited, colour profiles not applied. Alpha of the answer is 255.
 *
 * @throws MediaError `media_unreadable` when it is cut off or damaged, `media_too_large` when over the limit
 */
export async function decodeStill(file: string, options: StillOptions = {}): Promise<RasterImage> {
  const { maxPixels = DEFAULT_LIMITS.maxPixels } = options;
  const { timeoutMs = DEFAULT_LIMITS.decoder.stallTimeoutMs } = options;
  const { width, height } = await stillMetadata(file);
  refuseLarger({ width, height }, maxPixels);
  const { data, info } = await orMediaError(
    // Pillow reads a damaged picture that is whole, but none that is cut off.
    sharp(file, { failOn: 'error', limitInputPixels: false, ignoreIcc: true })
      .timeout({ seconds: Math.ceil(timeoutMs / 1000) })
      .autoOrient()
      .toColourspace('srgb')
      .removeAlpha()
      .ensureAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true }),
  );
  // A copy, since sharp's own memory can't be handed to another thread. Its `toUint8Array` could be, but is never freed
  // (0.35.5: 20 pictures of 1600 × 900 take 115 MB for good).
  return { width: info.width, height: info.height, channels: 4, data: new Uint8Array(data) };
}

/**
 * Pages of an animation that follow each other, as {@link decodeStill} decodes a still. Those before them are decoded on the
 * way, and all of them are held at once.
 *
 * @throws MediaError as {@link decodeStill}
 */
export async function decodePages(
  file: string,
  first: number,
  count: number,
  options: StillOptions = {},
): Promise<readonly RasterImage[]> {
  const { maxPixels = DEFAULT_LIMITS.maxPixels } = options;
  const { timeoutMs = DEFAULT_LIMITS.decoder.stallTimeoutMs } = options;
  const { width, height, rotationDegrees, mirrored } = await stillMetadata(file);
  refuseLarger({ width, height }, maxPixels);
  const decode = async (page: number, pages: number) => {
    const as = { failOn: 'error', limitInputPixels: false, ignoreIcc: true } as const;
    const stack = sharp(file, { ...as, page, pages });
    // What is turned is turned page by page: together they are one high picture.
    const upright = pages === 1 ? stack.autoOrient() : stack;
    const pixels = upright.toColourspace('srgb').removeAlpha().ensureAlpha();
    const { data } = await orMediaError(
      pixels
        .timeout({ seconds: Math.ceil(timeoutMs / 1000) })
        .raw({ depth: 'uchar' })
        .toBuffer({ resolveWithObject: true }),
    );
    const bytes = data.length / pages;
    return Array.from({ length: pages }, (_, i) => {
      const page = new Uint8Array(data.subarray(i * bytes, (i + 1) * bytes));
      return { width, height, channels: 4 as const, data: page };
    });
  };
  if (rotationDegrees === 0 && !mirrored) return decode(first, count);
  return decode(first, 1);
}

/**
 * @param rgb `width × height × 3` bytes
 * @param quality 1 to 100
 */
export async function encodeJpeg(
  rgb: Uint8Array,
  width: number,
  height: number,
  quality = 90,
): Promise<Uint8Array> {
  return sharp(rgb, { raw: { width, height, channels: 3 } })
    .jpeg({ quality, chromaSubsampling: '4:4:4' })
    .toBuffer();
}

async function orMediaError<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // libvips puts the file's name in front of some messages, and repeats them.
    if (message.includes('timeout:')) {
      throw new MediaError(
        'decoder_timeout',
        'Expected a picture that can be decoded in the time allowed, but it took longer. Send it at a smaller size.',
        { cause: error },
      );
    }
    const reason = (message.split('\n')[0] ?? '').replace(/\/\S+/g, 'the file').slice(0, 200);
    throw new MediaError(
      'media_unreadable',
      `Expected a picture that can be decoded, but it is damaged or cut off (${reason}). Send it again.`,
      { cause: error, details: { reason } },
    );
  }
}
