import { setImmediate as nextTurn } from 'node:timers/promises';
import { REFERENCE_WHITE, type Hdr } from './hdr.js';
import type { RasterImage } from './raster-image.js';

/** Nits of the brightest that is shown, in times of white: `tonemap`'s own for what tells no peak. */
const PEAK = 10;
/** Up to here `tonemap=mobius` leaves all as it is. */
const LINEAR_UP_TO = 0.3;
/** Pixels that are done before others get their turn. */
const PIXELS_A_TURN = 65_536;
/** By the square root of the light, so that steps are fine where it is dark. */
const STEPS = 4096;

/**
 * Brings a picture in BT.2020 with PQ or HLG to BT.709, in place, by the same rule as `toneMapFilters` a video (the numbers
 * differ by the rounding of 8 bits). Gives way to other work now and then.
 */
export async function toneMap({ data, channels }: RasterImage, hdr: Hdr): Promise<void> {
  const light = hdr === 'pq' ? PQ : HLG;
  for (let from = 0; from < data.length; from += PIXELS_A_TURN * channels) {
    const to = Math.min(data.length, from + PIXELS_A_TURN * channels);
    for (let at = from; at < to; at += channels) mapPixel(data, at, light);
    await nextTurn();
  }
}

function mapPixel(data: Uint8Array, at: number, light: Float64Array): void {
  const r = light[data[at] ?? 0] ?? 0;
  const g = light[data[at + 1] ?? 0] ?? 0;
  const b = light[data[at + 2] ?? 0] ?? 0;
  // From BT.2020's primaries to BT.709's (BT.2407).
  const red = Math.max(0, 1.6605 * r - 0.5876 * g - 0.0728 * b);
  const green = Math.max(0, -0.1246 * r + 1.1329 * g - 0.0083 * b);
  const blue = Math.max(0, -0.0182 * r - 0.1006 * g + 1.1187 * b);
  const most = Math.max(red, green, blue, 1e-6);
  const scale = mobius(most) / most;
  data[at] = encoded(red * scale);
  data[at + 1] = encoded(green * scale);
  data[at + 2] = encoded(blue * scale);
}

const A = (-(LINEAR_UP_TO ** 2) * (PEAK - 1)) / (LINEAR_UP_TO ** 2 - 2 * LINEAR_UP_TO + PEAK);
const B = (LINEAR_UP_TO ** 2 - 2 * LINEAR_UP_TO * PEAK + PEAK) / (PEAK - 1);
const SLOPE = (B * B + 2 * B * LINEAR_UP_TO + LINEAR_UP_TO ** 2) / (B - A);

/** ffmpeg's `tonemap=mobius`: highlights are compressed so that the peak comes to be white. */
const mobius = (light: number): number =>
  light <= LINEAR_UP_TO ? light : (SLOPE * (light + A)) / (light + B);

const ENCODED = Uint8Array.from({ length: STEPS }, (_, i) => {
  return Math.round(255 * Math.min(1, (i / (STEPS - 1)) ** 2) ** (1 / 2.4));
});
/** What a display of BT.1886 is told so that it shows this. */
const encoded = (light: number): number =>
  ENCODED[Math.min(STEPS - 1, Math.round(Math.sqrt(light) * (STEPS - 1)))] ?? 255;

/** Light of each of the 256 values, in times of white: SMPTE ST 2084. */
const PQ = Float64Array.from({ length: 256 }, (_, i) => {
  const [m1, m2, c1, c2, c3] = [0.1593017578125, 78.84375, 0.8359375, 18.8515625, 18.6875];
  const root = (i / 255) ** (1 / m2);
  return (10_000 / REFERENCE_WHITE) * (Math.max(0, root - c1) / (c2 - c3 * root)) ** (1 / m1);
});

/**
 * The same of ARIB STD-B67, which tells the scene's light: a display of 1000 nits shows it with a gamma of 1.2 (BT.2100, table 5).
 * `zscale` applies that to each colour by itself, not to their luminance.
 */
const HLG = Float64Array.from({ length: 256 }, (_, i) => {
  const [a, b, c] = [0.17883277, 0.28466892, 0.55991073];
  const value = i / 255;
  const scene = value <= 0.5 ? value ** 2 / 3 : (Math.exp((value - c) / a) + b) / 12;
  return (1000 / REFERENCE_WHITE) * scene ** 1.2;
});
