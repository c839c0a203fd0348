import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sampleFrames, type DecodeSummary } from '../../libs/media/decode-video.js';
import { probeMedia } from '../../libs/media/probe.js';
import { encodeCoded, ffmpeg, numberOf } from './media-coded-video.js';

const RATE = 25;
/** A key frame every two seconds and nowhere else. */
const EVERY_50 = ['-g', '50', '-keyint_min', '50'];
const X264 = ['-c:v', 'libx264', '-bf', '3', '-sc_threshold', '0', ...EVERY_50];
const FORMAT = ['-pix_fmt', 'yuv420p'];

let folder: string;
const at = (name: string) => path.join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'media-key-frames-'));
  encodeCoded(20 * RATE, [...X264, ...FORMAT, at('video.mp4')]);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** The key frames of a span: sample number, own time, and the frame's number as its picture tells it. */
async function keyFrames(
  name: string,
  [startSeconds, endSeconds]: readonly [number, number],
  keyFrameEvery: number,
) {
  const probe = await probeMedia(at(name));
  let summary: DecodeSummary | undefined;
  const options = { probe, onSummary: (told: DecodeSummary) => (summary = told) };
  const found: { sample: number; seconds: number; number: number | null }[] = [];
  const request = { startSeconds, endSeconds, keyFrameEvery };
  for await (const frame of sampleFrames(at(name), request, options))
    found.push({ sample: frame.sample, seconds: frame.seconds, number: numberOf(frame) });
  return { found, summary };
}
const numbers = ({ found }: Awaited<ReturnType<typeof keyFrames>>) =>
  found.map(({ number }) => number);

describe('key frames', () => {
  it.each([
    ['copied.mp4', ['-c', 'copy']],
    ['copied.mov', ['-c', 'copy']],
    ['copied.mkv', ['-c', 'copy']],
    ['copied.flv', ['-c', 'copy']],
    ['copied.ts', ['-c', 'copy']],
    ['vp8.webm', ['-c:v', 'libvpx', '-deadline', 'realtime', ...EVERY_50]],
    ['hevc.mp4', ['-c:v', 'libx265', '-x265-params', 'keyint=50:min-keyint=50:scenecut=0']],
    ['mpeg4.avi', ['-c:v', 'mpeg4', '-qscale:v', '2', '-sc_threshold', '1000000000', ...EVERY_50]],
  ])('alone are decoded, with their own times: %s', async (name, output) => {
    ffmpeg(['-i', at('video.mp4'), ...output, at(name)]);
    const { found, summary } = await keyFrames(name, [0, 20], 1);
    expect(found.map(({ number }) => number)).toEqual([
      ...[0, 50, 100, 150, 200, 250, 300, 350, 400, 450],
    ]);
    for (const { sample, seconds, number } of found) {
      expect(Math.abs(seconds - (number ?? NaN) / RATE)).toBeLessThanOrEqual(0.5 / RATE);
      expect(sample).toBe(Math.floor(seconds + 0.001));
    }
    expect(summary?.decodedFrames).toBe(10);
    expect(summary?.undecodablePackets).toBe(0);
  });

  it('are each in one of two spans that adjoin', async () => {
    for (const border of [5.99, 6, 6.0005, 6.5]) {
      const before = await keyFrames('video.mp4', [0, border], 1);
      const after = await keyFrames('video.mp4', [border, 20], 1);
      expect([...numbers(before), ...numbers(after)]).toEqual([
        ...[0, 50, 100, 150, 200, 250, 300, 350, 400, 450],
      ]);
    }
  });

  it('are found by seeking, without what lies before and after', async () => {
    const { found, summary } = await keyFrames('video.mp4', [13, 17], 1);
    expect(found.map(({ sample, number }) => [sample, number])).toEqual([
      [1, 350],
      [3, 400],
    ]);
    // One before the span, and those on the way to knowing that it is over.
    expect(summary?.decodedFrames).toBeLessThanOrEqual(6);
  });

  it('are no more than asked for: of each part of the span the first', async () => {
    const { found } = await keyFrames('video.mp4', [1, 19], 5);
    expect(found.map(({ sample, number }) => [sample, number])).toEqual([
      [0, 50],
      [1, 150],
      [2, 300],
      [3, 400],
    ]);
  });

  it('are all frames of a codec that has no other', async () => {
    const format = ['-c:v', 'mjpeg', '-pix_fmt', 'yuvj420p'];
    encodeCoded(4 * RATE, [...format, at('mjpeg.avi')]);
    const { found } = await keyFrames('mjpeg.avi', [0, 4], 0.5);
    expect(found.map(({ number }) => number)).toEqual([0, 13, 25, 38, 50, 63, 75, 88]);
  });

  it('may be missing from a span', async () => {
    const { found, summary } = await keyFrames('video.mp4', [2.5, 3.5], 1);
    expect(found).toEqual([]);
    expect(summary?.missing).toEqual([]);
  });

  it('that can’t be decoded are counted', async () => {
    ffmpeg(['-i', at('video.mp4'), '-c', 'copy', '-movflags', '+faststart', at('damaged.mp4')]);
    const bytes = readFileSync(at('damaged.mp4'));
    const data = bytes.indexOf('mdat') + 4;
    const part = (share: number) => data + Math.floor((bytes.length - data) * share);
    bytes.fill(0xff, part(0.3), part(0.6));
    writeFileSync(at('damaged.mp4'), bytes);
    const { found, summary } = await keyFrames('damaged.mp4', [0, 20], 1);
    expect(found.length).toBeLessThan(10);
    expect(found.length + (summary?.missing.length ?? 0)).toBe(10);
    expect(summary?.missing.every((part) => part % 2 === 0)).toBe(true);
    expect(found.at(-1)?.number).toBe(450);
  });

  it('are refused of an animated WebP, which has none', async () => {
    encodeCoded(10, ['-c:v', 'libwebp_anim', '-lossless', '1', at('moving.webp')]);
    await expect(keyFrames('moving.webp', [0, 0.4], 1)).rejects.toThrow(/no key frames/);
  });
});
