import sharp from 'sharp';
import { MediaError } from './media-error.js';
import type { RgbaImage } from './rgba-image.js';

// Every picture is another: a cache would only hold memory.
sharp.cache(false);
sharp.concurrency(1);

export interface StillFacts {
  readonly format: string;
  /** Upright, after the EXIF orientation. */
  readonly width: number;
  readonly height: number;
  /** More than one in an animation. */
  readonly pages: number;
}

const open = (file: string, maxPixels: number) =>
  sharp(file, { failOn: 'error', limitInputPixels: maxPixels, sequentialRead: true });

/** What a still's header says. @throws MediaError when it can't be read or is over the limit */
export async function stillFacts(file: string, maxPixels: number): Promise<StillFacts> {
  try {
    const metadata = await open(file, maxPixels).metadata();
    const { width, height } = metadata.autoOrient;
    const facts = { format: metadata.format, width, height, pages: metadata.pages ?? 1 };
    if (width * height > maxPixels) throw tooLarge(facts, maxPixels);
    return facts;
  } catch (error) {
    throw asMediaError(error, maxPixels);
  }
}

/**
 * Decodes a still as Pillow's `convert("RGB")` does: upright, sRGB, alpha dropped and not composited. Alpha of the
 * answer is 255.
 * @throws MediaError when it is cut short, can't be read or is over the limit
 */
export async function decodeStill(file: string, maxPixels = 100_000_000): Promise<RgbaImage> {
  try {
    const { data, info } = await open(file, maxPixels)
      .autoOrient()
      .toColourspace('srgb')
      .removeAlpha()
      .ensureAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    return {
      width: info.width,
      height: info.height,
      data: new Uint8Array(data.buffer, data.byteOffset, data.length),
    };
  } catch (error) {
    throw asMediaError(error, maxPixels);
  }
}

/** @param rgb `width × height × 3` bytes */
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

function asMediaError(error: unknown, maxPixels: number): MediaError {
  if (error instanceof MediaError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  if (reason.includes('exceeds pixel limit')) return tooLarge(null, maxPixels);
  // Without the file's name, which libvips puts in front of some messages.
  const short = reason.split('\n')[0]?.replace(/\S*\/\S+/g, 'the file') ?? '';
  return new MediaError(
    'media_unreadable',
    `Expected a picture that can be decoded, but it can't be: ${short}`,
    {
      cause: error,
    },
  );
}

function tooLarge(facts: StillFacts | null, maxPixels: number): MediaError {
  const got = facts === null ? 'a larger one' : `${facts.width}×${facts.height}`;
  return new MediaError(
    'media_too_large',
    `Expected a picture of at most ${maxPixels} pixels, got ${got}`,
  );
}
