import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import type { RasterImage } from '../../libs/media/raster-image.js';

/** A picture in grey, one byte a pixel. */
export interface GreyImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

const CELLS = 4;
/** The first row of cells: whatever way the picture is turned or mirrored, it is elsewhere. */
const MARK = 0b1000;

/**
 * A picture that tells its number, 0 to 4095: a grid of 4 × 4 cells, black for 0 and white for 1. Compression, scaling and
 * conversion leave it readable; turned or mirrored wrongly, it is not.
 */
export function codedPicture(number: number, width: number, height: number): GreyImage {
  const bits = (MARK << 12) | number;
  const data = new Uint8Array(width * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const cell = Math.floor((y * CELLS) / height) * CELLS + Math.floor((x * CELLS) / width);
      data[y * width + x] = (bits >> (15 - cell)) & 1 ? 235 : 16;
    }
  }
  return { width, height, data };
}

/** The number a decoded picture tells, or null where the mark isn't where it belongs. */
export function numberOf({ width, height, channels, data }: RasterImage): number | null {
  let bits = 0;
  for (let cell = 0; cell < CELLS * CELLS; cell += 1) {
    const x = Math.floor((((cell % CELLS) + 0.5) * width) / CELLS);
    const y = Math.floor(((Math.floor(cell / CELLS) + 0.5) * height) / CELLS);
    bits = (bits << 1) | ((data[(y * width + x) * channels] ?? 0) > 128 ? 1 : 0);
  }
  return bits >> 12 === MARK ? bits & 0xfff : null;
}

/** Runs ffmpeg to its end. @throws Error with its messages when it fails */
export function ffmpeg(args: readonly string[], input?: Uint8Array): void {
  const { status, stderr, error } = spawnSync(
    'ffmpeg',
    ['-hide_banner', '-v', 'error', '-y', ...(input === undefined ? ['-nostdin'] : []), ...args],
    { input, maxBuffer: 1e8 },
  );
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`ffmpeg ${args.join(' ')}: ${stderr.toString()}`);
}

/** Encodes pictures of one size at a constant rate. */
export function encode(
  pictures: readonly GreyImage[],
  frameRate: string,
  output: readonly string[],
): void {
  const { width, height } = pictures[0] ?? { width: 0, height: 0 };
  ffmpeg(
    [
      ...['-f', 'rawvideo', '-pix_fmt', 'gray', '-video_size', `${width}x${height}`],
      ...['-framerate', frameRate, '-i', 'pipe:0', ...output],
    ],
    Buffer.concat(pictures.map(({ data }) => data)),
  );
}

/** Encodes `count` coded pictures, numbered from 0. */
export function encodeCoded(
  count: number,
  output: readonly string[],
  { width = 64, height = 48, frameRate = '25', first = 0 } = {},
): void {
  const pictures = Array.from({ length: count }, (_, i) =>
    codedPicture((first + i) % 4096, width, height),
  );
  encode(pictures, frameRate, output);
}

/** Writes a display matrix (a, b, c, d as -1, 0 or 1) into the first track header of an MP4. */
export function writeDisplayMatrix(
  file: string,
  [a, b, c, d]: readonly [number, number, number, number],
): void {
  const bytes = readFileSync(file);
  // After the box's type: version and flags, two dates, track, reserved, duration; 8 bytes reserved; 8 of layer and volume.
  const at = bytes.indexOf('tkhd') + 4 + 24 + 8 + 8;
  const matrix = [a, b, 0, c, d, 0, 0, 0, 0x4000];
  for (const [i, value] of matrix.entries()) bytes.writeInt32BE(value * 65536, at + i * 4);
  writeFileSync(file, bytes);
}
