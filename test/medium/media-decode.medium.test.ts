import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  sampleFrames,
  type DecodeSummary,
  type SampledFrame,
} from '../../libs/media/decode-video.js';
import { probeMedia, type MediaProbe } from '../../libs/media/probe.js';
import {
  codedPicture,
  encode,
  encodeCoded,
  ffmpeg,
  numberOf,
  writeDisplayMatrix,
  type GreyImage,
} from './media-coded-video.js';

const X264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'];
/** B-frames and long groups of pictures, as phones and sites make them. */
const X264_SLOW = ['-c:v', 'libx264', '-bf', '3', '-g', '250', '-pix_fmt', 'yuv420p'];
/** A microsecond, for times that went through floating point. */
const NEAR = 1e-6;

let folder: string;
const at = (name: string) => path.join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'media-decode-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const got: T[] = [];
  for await (const item of items) got.push(item);
  return got;
}

interface Sampled {
  readonly probe: MediaProbe;
  readonly summary: DecodeSummary;
  readonly times: readonly number[];
  readonly frames: (SampledFrame & { readonly number: number | null })[];
}

/** Samples the middles of `samples` equal parts of a span; the whole video if none is given. */
async function sample(
  name: string,
  samples: number,
  span?: readonly [number, number],
): Promise<Sampled> {
  const probe = await probeMedia(at(name));
  const [startSeconds, endSeconds] = span ?? [0, probe.durationSeconds ?? NaN];
  const step = (endSeconds - startSeconds) / samples;
  const times = Array.from({ length: samples }, (_, i) => startSeconds + (i + 0.5) * step);
  const frames: Sampled['frames'] = [];
  let summary: DecodeSummary | undefined;
  const onSummary = (told: DecodeSummary) => (summary = told);
  const request = { startSeconds, endSeconds, times };
  for await (const frame of sampleFrames(at(name), request, { probe, onSummary })) {
    expect(frame.data).toHaveLength(probe.width * probe.height * frame.channels);
    expect([frame.width, frame.height]).toEqual([probe.width, probe.height]);
    frames.push({ ...frame, number: numberOf(frame) });
  }
  if (summary === undefined) throw new Error('expected a summary');
  return { probe, summary, times, frames };
}

/** Every target has the frame on screen then, the frame is the one it claims to be, and nothing is missing. */
function expectExact({ frames, times, summary }: Sampled, frameRate: number, first = 0): void {
  expect(frames.map((frame) => frame.sample)).toEqual(times.map((_, i) => i));
  expect(summary).toMatchObject({ missing: [], undecodablePackets: 0 });
  for (const { sample, seconds, number } of frames) {
    const target = times[sample] ?? NaN;
    // Containers round times to the millisecond.
    const truth = ((number ?? NaN) - first) / frameRate;
    expect(Math.abs(seconds - truth)).toBeLessThanOrEqual(0.001);
    expect(seconds).toBeLessThanOrEqual(target + 0.001 + NEAR);
    expect(target - seconds).toBeLessThanOrEqual(1 / frameRate + 0.001 + NEAR);
  }
}

describe('frames of a whole video', () => {
  it.each([
    ['h264-b-frames.mp4', X264_SLOW],
    ['h264.mov', X264_SLOW],
    ['h264.mkv', X264_SLOW],
    ['h264.ts', X264_SLOW],
    ['h264.flv', X264],
    ['hevc.mp4', ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=none']],
    ['vp8.webm', ['-c:v', 'libvpx', '-deadline', 'realtime', '-b:v', '300k']],
    ['vp9.webm', ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8']],
    ['av1.mp4', ['-c:v', 'libaom-av1', '-cpu-used', '8', '-usage', 'realtime', '-row-mt', '1']],
    ['mpeg4.avi', ['-c:v', 'mpeg4', '-qscale:v', '2']],
    ['mjpeg.avi', ['-c:v', 'mjpeg', '-pix_fmt', 'yuvj420p']],
    ['fragmented.mp4', [...X264, '-movflags', '+frag_keyframe+empty_moov']],
    ['moving.gif', ['-c:v', 'gif']],
    ['moving.apng', ['-plays', '0']],
  ])('are the ones on screen: %s', async (name, output) => {
    encodeCoded(100, [...output, at(name)]);
    const sampled = await sample(name, 30);
    expect(sampled.probe.durationSeconds).toBeCloseTo(4, 1);
    expectExact(sampled, 25);
  });

  it('are found in an animated WebP', async () => {
    encodeCoded(50, ['-c:v', 'libwebp_anim', '-lossless', '1', '-loop', '0', at('moving.webp')]);
    const sampled = await sample('moving.webp', 20);
    expect(sampled.probe).toMatchObject({ kind: 'video', container: 'webp', durationSeconds: 2 });
    expectExact(sampled, 25);
  });

  it.each([
    ['29.97', '30000/1001', 30_000 / 1001],
    ['one every five seconds', '1/5', 0.2],
    ['120', '120', 120],
  ])('come at the right times at a rate of %s', async (_, frameRate, value) => {
    const name = `rate-${value}.mp4`;
    encodeCoded(61, [...X264_SLOW, at(name)], { frameRate });
    const sampled = await sample(name, 30);
    expect(sampled.probe.durationSeconds).toBeCloseTo(61 / value, 2);
    expectExact(sampled, value);
  });

  it('have odd sizes', async () => {
    const output = ['-c:v', 'libvpx-vp9', '-pix_fmt', 'yuv420p', '-deadline', 'realtime'];
    encodeCoded(25, [...output, at('odd.webm')], { width: 67, height: 45 });
    const sampled = await sample('odd.webm', 10);
    expect(sampled.probe).toMatchObject({ width: 67, height: 45 });
    expectExact(sampled, 25);
  });

  it('are as many as asked for where there are no more', async () => {
    encodeCoded(10, [...X264_SLOW, at('short.mp4')]);
    const { frames } = await sample('short.mp4', 10);
    expect(frames.map(({ number }) => number)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('are shown again where targets lie closer than frames', async () => {
    encodeCoded(1, [...X264, at('single.mp4')]);
    const { frames } = await sample('single.mp4', 3);
    expect(frames.map(({ number }) => number)).toEqual([0, 0, 0]);
    expect(new Set(frames.map(({ data }) => data.buffer)).size).toBe(3);
  });

  it('are in buffers that can be handed to another thread', async () => {
    const { frames } = await sample('short.mp4', 2);
    const [frame] = frames;
    structuredClone(frame, { transfer: [frame!.data.buffer as ArrayBuffer] });
    expect(frame!.data).toHaveLength(0);
  });

  it('keep the size when the stream changes it', async () => {
    const raw = ['-f', 'h264'];
    encodeCoded(50, [...X264, ...raw, at('small.h264')], { width: 64, height: 48 });
    encodeCoded(50, [...X264, ...raw, at('large.h264')], { width: 128, height: 96, first: 50 });
    writeFileSync(
      at('both.h264'),
      Buffer.concat([readFileSync(at('small.h264')), readFileSync(at('large.h264'))]),
    );
    ffmpeg(['-framerate', '25', '-i', at('both.h264'), '-c', 'copy', at('resized.ts')]);
    const sampled = await sample('resized.ts', 40);
    expect(sampled.probe).toMatchObject({ width: 64, height: 48 });
    expectExact(sampled, 25);
  });
});

describe('the time of a frame', () => {
  it('is its own where frames come at odd intervals', async () => {
    encodeCoded(60, [...X264_SLOW, at('even.mp4')], { frameRate: '10' });
    // The first 30 frames at their pace, each of the others 10 times as long.
    const times = `setpts='if(lt(N,30),N,30+(N-30)*10)/10/TB'`;
    ffmpeg(['-i', at('even.mp4'), '-vf', times, '-fps_mode', 'vfr', ...X264, at('variable.mp4')]);
    const { probe, frames, summary, times: targets } = await sample('variable.mp4', 66);
    expect(probe.variableFrameRate).toBe(true);
    expect(probe.durationSeconds).toBeGreaterThan(32);
    expect(summary.missing).toEqual([]);
    for (const { sample, seconds, number } of frames) {
      const n = number ?? NaN;
      const truth = (n < 30 ? n : 30 + (n - 30) * 10) / 10;
      expect(seconds).toBeCloseTo(truth, 3);
      const target = targets[sample] ?? NaN;
      expect(seconds).toBeLessThanOrEqual(target + 0.001);
      expect(target - seconds).toBeLessThan(n < 30 ? 0.101 : 1.001);
    }
  });

  it.each([
    ['late.mkv', 100],
    ['late.ts', 20],
    ['late.mp4', 0.5],
  ])('counts from the first frame where the clock doesn’t: %s', async (name, offset) => {
    encodeCoded(150, [...X264_SLOW, at('plain.mp4')]);
    const sound = ['-f', 'lavfi', '-i', 'sine=d=6'];
    const shift = ['-itsoffset', String(offset), '-i', at('plain.mp4'), '-copyts'];
    ffmpeg([...sound, ...shift, '-map', '1:v', '-map', '0:a', '-c:v', 'copy', at(name)]);
    const sampled = await sample(name, 15);
    expect(sampled.probe.startSeconds).toBeGreaterThanOrEqual(offset);
    expect(sampled.probe.durationSeconds).toBeCloseTo(6, 1);
    expectExact(sampled, 25);
  });

  it('counts from the first frame shown where an edit list leaves some out', async () => {
    encodeCoded(250, ['-c:v', 'libx264', '-g', '50', at('uncut.mp4')]);
    ffmpeg(['-ss', '3.2', '-i', at('uncut.mp4'), '-c', 'copy', at('cut.mp4')]);
    const { frames, times, summary } = await sample('cut.mp4', 12);
    expect(summary.missing).toEqual([]);
    // The one thing not fixed is which frame is the first shown.
    const first = (frames[0]?.number ?? NaN) - (frames[0]?.seconds ?? NaN) * 25;
    expect(first).toBeCloseTo(80, 3);
    for (const { sample, seconds, number } of frames) {
      expect(seconds).toBeCloseTo(((number ?? NaN) - first) / 25, 3);
      expect(Math.abs(seconds - (times[sample] ?? NaN))).toBeLessThanOrEqual(0.041);
    }
  });
});

describe('a part of a long video', () => {
  beforeAll(() => {
    encodeCoded(90 * 25, [...X264_SLOW, at('long.mp4')]);
    const copy = ['-i', at('long.mp4'), '-c', 'copy'];
    for (const name of ['long.mkv', 'long.ts', 'long.flv']) ffmpeg([...copy, at(name)]);
    // Without an index, and without a length in its header.
    ffmpeg([...copy, '-f', 'matroska', '-live', '1', at('live.mkv')]);
    encodeCoded(90 * 25, ['-c:v', 'mpeg4', '-g', '100', at('long.avi')]);
  });

  it.each(['long.mp4', 'long.mkv', 'long.ts', 'long.flv', 'live.mkv', 'long.avi'])(
    'has the frames of the whole: %s',
    async (name) => {
      for (const span of [
        [60, 90],
        [37.3, 41.9],
      ] as const) {
        const sampled = await sample(name, 15, span);
        expect(sampled.probe.durationSeconds).toBeCloseTo(90, 0);
        expectExact(sampled, 25);
      }
    },
  );

  it('costs no more than itself', async () => {
    const { summary } = await sample('long.mp4', 5, [60, 61]);
    // Key frames are at most 250 frames apart.
    expect(summary.decodedFrames).toBeLessThan(250 + 25 + 10);
  });

  it('has the last frame for a moment after it', async () => {
    const { frames } = await sample('long.mp4', 3, [89, 95]);
    expect(frames.map(({ sample, number }) => [sample, number])).toEqual([[0, 2249]]);
  });

  it('after the end has no frames', async () => {
    const { frames, summary } = await sample('long.mp4', 3, [100, 103]);
    expect(frames).toEqual([]);
    expect(summary.missing).toEqual([0, 1, 2]);
  });
});

describe('orientation', () => {
  type Matrix = readonly [number, number, number, number];
  /** The stored picture that a display matrix makes upright: its axes x and y go to (a, b) and (c, d). */
  function stored(upright: GreyImage, [a, b, c, d]: Matrix): GreyImage {
    const [width, height] =
      a === 0 ? [upright.height, upright.width] : [upright.width, upright.height];
    const data = new Uint8Array(width * height);
    const left = (a < 0 ? width - 1 : 0) + (c < 0 ? height - 1 : 0);
    const top = (b < 0 ? width - 1 : 0) + (d < 0 ? height - 1 : 0);
    for (let y = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1) {
        const from = (b * x + d * y + top) * upright.width + a * x + c * y + left;
        data[y * width + x] = upright.data[from] ?? 0;
      }
    }
    return { width, height, data };
  }

  it.each<[string, Matrix, number, boolean]>([
    ['upright', [1, 0, 0, 1], 0, false],
    ['quarter', [0, 1, -1, 0], 90, false],
    ['half', [-1, 0, 0, -1], 180, false],
    ['three-quarter', [0, -1, 1, 0], 270, false],
    ['mirrored', [-1, 0, 0, 1], 0, true],
    ['mirrored-half', [1, 0, 0, -1], 180, true],
    ['mirrored-quarter', [0, 1, 1, 0], 90, true],
    ['mirrored-three-quarter', [0, -1, -1, 0], 270, true],
  ])('%s is undone', async (name, matrix, rotationDegrees, mirrored) => {
    const pictures = Array.from({ length: 20 }, (_, i) => codedPicture(i + 1000, 96, 64));
    encode(
      pictures.map((picture) => stored(picture, matrix)),
      '25',
      [...X264, at(`${name}.mp4`)],
    );
    writeDisplayMatrix(at(`${name}.mp4`), matrix);
    const sampled = await sample(`${name}.mp4`, 5);
    expect(sampled.probe).toMatchObject({ width: 96, height: 64, rotationDegrees, mirrored });
    expectExact(sampled, 25, 1000);
  });
});

describe('damage', () => {
  beforeAll(() => {
    const output = [...X264_SLOW, '-g', '25', '-movflags', '+faststart', at('sound.mp4')];
    encodeCoded(20 * 25, output, { width: 320, height: 240 });
  });

  it('in the middle leaves targets without a frame, and is counted', async () => {
    const bytes = readFileSync(at('sound.mp4'));
    const [from, to] = [0.4, 0.6].map((part) => Math.floor(bytes.length * part));
    for (let i = from!; i < to!; i += 1) bytes[i] = (i * 131 + 89) % 256;
    writeFileSync(at('damaged.mp4'), bytes);
    const { frames, summary } = await sample('damaged.mp4', 20);
    expect(summary.undecodablePackets).toBeGreaterThan(10);
    expect(summary.missing.length).toBeGreaterThan(0);
    expect(frames.length + summary.missing.length).toBe(20);
    expect(summary.missing).not.toContain(0);
    expect(summary.missing).not.toContain(19);
  });

  it('that cuts the end off leaves the targets after it without a frame', async () => {
    const bytes = readFileSync(at('sound.mp4'));
    writeFileSync(at('half.mp4'), bytes.subarray(0, bytes.length / 2));
    const { probe, frames, summary } = await sample('half.mp4', 20);
    expect(probe.durationSeconds).toBe(20);
    expect(frames.length).toBeGreaterThan(5);
    expect(summary.missing).toContain(19);
    expect(frames.length + summary.missing.length).toBe(20);
    expect(frames.map((frame) => frame.sample)).toEqual(frames.map((_, i) => i));
  });

  it('of everything is said, and of a part leaves a gap', async () => {
    const bytes = readFileSync(at('sound.mp4'));
    bytes.fill(0x5a, bytes.indexOf('mdat') + 4);
    writeFileSync(at('nothing.mp4'), bytes);
    const probe = await probeMedia(at('nothing.mp4'));
    const decode = async (startSeconds: number) => {
      let summary: DecodeSummary | undefined;
      const request = { startSeconds, endSeconds: 20, times: [15, 16] };
      const onSummary = (told: DecodeSummary) => (summary = told);
      expect(await all(sampleFrames(at('nothing.mp4'), request, { probe, onSummary }))).toEqual([]);
      return summary;
    };
    await expect(decode(0)).rejects.toMatchObject({ code: 'media_no_frames' });
    expect(await decode(10)).toMatchObject({ decodedFrames: 0, missing: [0, 1] });
  });
});

describe('requests that make no sense', () => {
  const ask = async (times: number[], changes: Partial<MediaProbe> = {}) => {
    const probe = { ...(await probeMedia(at('short.mp4'))), ...changes };
    const request = { startSeconds: 0, endSeconds: 0.4, times };
    return all(sampleFrames(at('short.mp4'), request, { probe, maxPixels: 10_000 }));
  };

  it('are refused', async () => {
    await expect(ask([0.2, 0.1])).rejects.toThrow(RangeError);
    await expect(ask([0.5])).rejects.toThrow(/from 0 to 0.4 s, got 0.5/);
    await expect(ask([NaN])).rejects.toThrow(RangeError);
    await expect(ask(Array.from({ length: 2001 }, () => 0))).rejects.toThrow(/at most 2000/);
    await expect(ask([0.1], { kind: 'audio' })).rejects.toMatchObject({ code: 'media_no_video' });
    await expect(ask([0.1], { width: 10_000 })).rejects.toMatchObject({ code: 'media_too_large' });
  });

  it('but nothing asked for is nothing given', async () => {
    expect(await ask([])).toEqual([]);
  });
});
