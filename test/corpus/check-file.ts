import { expect } from 'vitest';
import { sampleFrames, type DecodeSummary } from '../../libs/media/decode-video.js';
import { MediaError } from '../../libs/media/media-error.js';
import { decodePicture } from '../../libs/media/picture.js';
import { probeMedia, type MediaProbe } from '../../libs/media/probe.js';
import type { RasterImage } from '../../libs/media/raster-image.js';
import { numberOf } from '../medium/media-coded-video.js';
import type { Expected, Moving, Refused, Still } from './corpus-file.js';

/** Reads a file as the service does, and holds what comes of it to what is expected. */
export async function checkFile(file: string, expected: Expected): Promise<void> {
  switch (expected.verdict) {
    case 'video':
      await checkVideo(file, expected);
      return;
    case 'image':
      await checkStill(file, expected);
      return;
    case 'refused':
      await checkRefusal(file, expected);
      return;
    case 'either':
      await readWhole(file).catch(refusalOf);
  }
}

const SAMPLES = 20;

interface Sample {
  readonly target: number;
  readonly seconds: number;
  readonly image: RasterImage;
}

async function checkVideo(file: string, expected: Moving): Promise<void> {
  const probe = await probeMedia(file);
  expect(probe).toMatchObject({ kind: 'video', width: expected.size[0], height: expected.size[1] });
  if (expected.container !== undefined) expect(probe.container).toBe(expected.container);
  if (expected.codec !== undefined) expect(probe.codec).toBe(expected.codec);
  // Headers without an index tell the length to a frame or three.
  const near = 0.04 + 3 * expected.frameSeconds;
  expect(Math.abs((probe.durationSeconds ?? NaN) - expected.durationSeconds)).toBeLessThan(near);
  const samples = await sample(file, probe);
  expect(samples.length).toBeGreaterThanOrEqual(SAMPLES * (expected.share ?? 1));
  const half = expected.frameSeconds / 2;
  for (const { target, seconds, image } of samples) {
    expect([image.width, image.height]).toEqual(expected.size);
    const number = numberOf(image);
    expect(number, `the picture at ${seconds} s is upright and tells its number`).not.toBeNull();
    const off = seconds - expected.timeOf(number ?? NaN);
    expect(Math.abs(off), `${seconds} s of number ${number ?? NaN}`).toBeLessThan(half);
    expect(seconds).toBeLessThanOrEqual(target + half + 0.002);
    expect(numberOf(lineBelow(image)), 'both fields show one moment').toBe(number);
    if (expected.white === undefined) continue;
    expectWhite(image, expected.white);
  }
}

/** The mark of a coded picture is white. */
function expectWhite(image: RasterImage, [least, most]: readonly [number, number]): void {
  const at = Math.floor(image.height / 8) * image.width + image.width / 8;
  for (const level of image.data.subarray(at * image.channels, at * image.channels + 3)) {
    expect(level).toBeGreaterThanOrEqual(least);
    expect(level).toBeLessThanOrEqual(most);
  }
}

/** The same picture read one line lower. */
const lineBelow = ({ width, height, channels, data }: RasterImage): RasterImage => ({
  ...{ width, height, channels },
  data: new Uint8Array([...data.subarray(width * channels), ...data.subarray(-width * channels)]),
});

async function sample(file: string, probe: MediaProbe): Promise<Sample[]> {
  const endSeconds = probe.durationSeconds ?? 0;
  const times = Array.from({ length: SAMPLES }, (_, i) => ((i + 0.5) * endSeconds) / SAMPLES);
  const request = { startSeconds: 0, endSeconds, times };
  const samples: Sample[] = [];
  let summary: DecodeSummary | undefined;
  const options = { probe, onSummary: (told: DecodeSummary) => (summary = told) };
  for await (const { sample: at, seconds, ...image } of sampleFrames(file, request, options)) {
    samples.push({ target: times[at] ?? NaN, seconds, image });
    expect(image.data).toHaveLength(image.width * image.height * image.channels);
  }
  expect(samples.length + (summary?.missing.length ?? NaN)).toBe(SAMPLES);
  return samples;
}

async function checkStill(file: string, { size, container, number, white }: Still): Promise<void> {
  const [width, height] = size;
  const probe = await probeMedia(file);
  expect(probe).toMatchObject({ kind: 'image', width, height });
  if (container !== undefined) expect(probe.container).toBe(container);
  const image = await decodePicture(file);
  expect(image).toMatchObject({ width, height });
  expect(image.data).toHaveLength(width * height * image.channels);
  if (number !== null) expect(numberOf(image)).toBe(number);
  expect(probe.hdr !== null).toBe(white !== undefined);
  if (white !== undefined) expectWhite(image, white);
}

async function checkRefusal(file: string, { code, says = '' }: Refused): Promise<void> {
  const refusal = refusalOf(
    await readWhole(file).then(
      () => 'it was taken',
      (error: unknown) => error,
    ),
  );
  expect([refusal.code, refusal.message]).toEqual([code, expect.stringContaining(says)]);
}

/** All that the service would do with the file. @throws MediaError when it is refused */
async function readWhole(file: string): Promise<void> {
  const probe = await probeMedia(file);
  if (probe.kind === 'audio')
    throw new MediaError('media_no_video', 'Expected pictures, got audio alone.');
  if (probe.kind === 'image') await decodePicture(file);
  else await sample(file, probe);
}

/** A refusal says what was expected, what came and what to do, and nothing of this machine. */
function refusalOf(error: unknown): MediaError {
  if (!(error instanceof MediaError))
    throw error instanceof Error ? error : new Error(String(error));
  expect(error.message).toMatch(/^Expected [^]*\.$/);
  expect(error.message).not.toMatch(/\/tmp|node_modules|0x[0-9a-f]{6}/);
  return error;
}
