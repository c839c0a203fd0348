import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sampleFrames } from '../../libs/media/decode-video.js';
import { DEFAULT_LIMITS } from '../../libs/media/limits.js';
import { MediaError } from '../../libs/media/media-error.js';
import { probeMedia } from '../../libs/media/probe.js';
import { encodeCoded, ffmpeg } from './media-coded-video.js';
import { childrenNamed } from './media-processes.js';

let folder: string;
const at = (name: string) => path.join(folder, name);
const X264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'];

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'media-probe-'));
  encodeCoded(100, [...X264, at('video.mp4')]);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function failure(name: string, options = {}): Promise<MediaError> {
  const error: unknown = await probeMedia(at(name), options).then(
    (probe) => probe,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof MediaError)) {
    throw new Error(`expected ${name} to be refused, got ${JSON.stringify(error)}`);
  }
  expect(error.message).not.toContain(folder);
  expect(error.message).toMatch(/^Expected .*, (got|but) .*\.$/);
  return error;
}

describe('probeMedia', () => {
  it('tells a video by its content, whatever its name', async () => {
    writeFileSync(at('video.jpg'), readFileSync(at('video.mp4')));
    expect(await probeMedia(at('video.jpg'))).toEqual({
      kind: 'video',
      container: 'mp4',
      codec: 'h264',
      width: 64,
      height: 48,
      durationSeconds: 4,
      startSeconds: 0,
      frameRate: 25,
      variableFrameRate: false,
      rotationDegrees: 0,
      mirrored: false,
      streamIndex: 0,
      interlaced: false,
      hdr: null,
      hasAudio: false,
      bytes: readFileSync(at('video.mp4')).length,
    });
  });

  it('tells a still by its content, whatever its name', async () => {
    const red = sharp({ create: { width: 40, height: 30, channels: 3, background: 'red' } });
    const jpeg = await red.withMetadata({ orientation: 6 }).jpeg().toBuffer();
    writeFileSync(at('still.mp4'), jpeg);
    expect(await probeMedia(at('still.mp4'))).toEqual({
      kind: 'image',
      container: 'jpeg',
      codec: 'jpeg',
      width: 30,
      height: 40,
      durationSeconds: null,
      startSeconds: 0,
      frameRate: null,
      variableFrameRate: false,
      rotationDegrees: 90,
      mirrored: false,
      streamIndex: null,
      interlaced: false,
      hdr: null,
      hasAudio: false,
      bytes: jpeg.length,
    });
  });

  it.each(['jpeg', 'png', 'webp', 'avif', 'tiff', 'gif'] as const)('takes %s', async (format) => {
    const red = sharp({ create: { width: 16, height: 16, channels: 3, background: 'red' } });
    await red.toFormat(format).toFile(at(`still.${format}`));
    expect(await probeMedia(at(`still.${format}`))).toMatchObject({
      kind: 'image',
      container: format,
    });
  });

  it.each([
    ['moving.gif', 'gif', ['-c:v', 'gif']],
    ['moving.webp', 'webp', ['-c:v', 'libwebp_anim', '-loop', '0']],
    ['moving.png', 'apng', ['-f', 'apng', '-plays', '0']],
  ])('takes an animation for a video: %s', async (name, container, output) => {
    encodeCoded(20, [...output, at(name)], { frameRate: '10' });
    expect(await probeMedia(at(name))).toMatchObject({
      kind: 'video',
      container,
      width: 64,
      height: 48,
      durationSeconds: 2,
      frameRate: 10,
      hasAudio: false,
    });
  });

  it.each([
    ['sound.mp3', 'mp3', 'mp3'],
    ['sound.wav', 'wav', 'pcm_s16le'],
    ['sound.m4a', 'mp4', 'aac'],
    ['sound.ogg', 'ogg', 'opus'],
  ])('tells sound alone: %s', async (name, container, codec) => {
    const sine = ['-f', 'lavfi', '-i', 'sine=d=2:r=48000'];
    ffmpeg([...sine, ...(codec === 'opus' ? ['-c:a', 'libopus'] : []), at(name)]);
    const probe = await probeMedia(at(name));
    expect(probe).toMatchObject({ kind: 'audio', container, codec, width: 0, hasAudio: true });
    expect(probe.durationSeconds).toBeCloseTo(2, 0);
  });

  it('takes a cover picture for none', async () => {
    await sharp({ create: { width: 64, height: 64, channels: 3, background: 'red' } })
      .jpeg()
      .toFile(at('cover.jpg'));
    const inputs = ['-f', 'lavfi', '-i', 'sine=d=2', '-i', at('cover.jpg')];
    const cover = ['-map', '0', '-map', '1', '-c:v', 'copy', '-disposition:v', 'attached_pic'];
    for (const name of ['covered.m4a', 'covered.mp3']) {
      ffmpeg([...inputs, ...cover, at(name)]);
      expect((await probeMedia(at(name))).kind).toBe('audio');
    }
  });

  it('measures a length that no header tells', async () => {
    // What a browser records: neither length nor index.
    ffmpeg(['-i', at('video.mp4'), '-c', 'copy', '-f', 'matroska', '-live', '1', at('live.mkv')]);
    expect((await probeMedia(at('live.mkv'))).durationSeconds).toBeCloseTo(4, 1);
  });

  it('doesn’t believe a length that can’t be', async () => {
    const bytes = readFileSync(at('video.mp4'));
    for (const [box, offset] of [
      ['mvhd', 16],
      ['mdhd', 16],
      ['tkhd', 20],
    ] as const) {
      const start = bytes.indexOf(box) + 4 + offset;
      bytes.writeUInt32BE(bytes.readUInt32BE(start) * 10_000, start);
    }
    bytes.write('skip', bytes.indexOf('edts'));
    writeFileSync(at('boasting.mp4'), bytes);
    expect((await probeMedia(at('boasting.mp4'))).durationSeconds).toBeCloseTo(4, 1);
  });
});

describe('what is refused', () => {
  it.each([
    ['drawing.svg', '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>', 'SVG'],
    ['document.pdf', '%PDF-1.7\n1 0 obj\n', 'application/pdf'],
    ['list.m3u8', '#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n', 'a playlist'],
    ['list.mp4', "ffconcat version 1.0\nfile 'video.mp4'\n", 'a playlist'],
    ['session.mp4', 'v=0\no=- 0 0 IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n', 'a playlist'],
    ['page.mp4', '<!DOCTYPE html><title>Not found</title>', 'a web page'],
  ])('a format that isn’t taken: %s', async (name, content, found) => {
    writeFileSync(at(name), content);
    const error = await failure(name);
    expect(error.code).toBe('media_unsupported');
    expect(error.message).toContain(found);
    expect(error.message).toContain('JPEG, PNG');
  });

  it.each([
    ['text.mp4', 'This is no video.'],
    ['names.mp4', "file 'video.mp4'\n"],
  ])('text: %s', async (name, content) => {
    writeFileSync(at(name), content);
    const error = await failure(name);
    expect(error.code).toBe('media_unreadable');
    expect(error.message).toContain('got a file of unknown type that holds text.');
  });

  it('a file of 0 bytes', async () => {
    writeFileSync(at('empty.mp4'), '');
    expect((await failure('empty.mp4')).code).toBe('media_empty');
  });

  it('a video cut off before its index', async () => {
    const bytes = readFileSync(at('video.mp4'));
    writeFileSync(at('cut.mp4'), bytes.subarray(0, bytes.indexOf('moov') - 4));
    const error = await failure('cut.mp4');
    expect(error.code).toBe('media_unreadable');
    expect(error.message).toMatch(/got a video\/mp4 file that can't be read/);
  });

  it('a picture that is damaged', async () => {
    writeFileSync(at('damaged.png'), Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'));
    expect((await failure('damaged.png')).code).toBe('media_unreadable');
  });

  it('noise', async () => {
    const noise = Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * i * 31 + i * 7) % 251));
    writeFileSync(at('noise.mp4'), noise);
    expect((await failure('noise.mp4')).code).toBe('media_unreadable');
  });

  it('a video track without a frame, here or when it is decoded', async () => {
    ffmpeg(['-i', at('video.mp4'), '-t', '0', '-c', 'copy', at('hollow.mp4')]);
    const sound = ['-f', 'lavfi', '-i', 'sine=d=1', '-f', 'lavfi', '-i', 'testsrc=d=1'];
    ffmpeg([...sound, '-map', '0', '-map', '1', '-frames:v', '0', ...X264, at('hollow.mkv')]);
    for (const name of ['hollow.mp4', 'hollow.mkv']) {
      const decode = async () => {
        const probe = await probeMedia(at(name));
        const endSeconds = probe.durationSeconds ?? 0;
        const request = { startSeconds: 0, endSeconds, times: [endSeconds / 2] };
        for await (const { sample } of sampleFrames(at(name), request, { probe })) {
          throw new Error(`expected no frames, got number ${sample}`);
        }
      };
      await expect(decode()).rejects.toMatchObject({
        code: expect.stringMatching(/^media_(no_frames|unreadable)$/) as string,
      });
    }
  });

  it('more pixels or seconds than allowed', async () => {
    const pixels = { limits: { ...DEFAULT_LIMITS, maxPixels: 64 * 48 - 1 } };
    const error = await failure('video.mp4', pixels);
    expect(error.code).toBe('media_too_large');
    expect(error.details).toEqual({ width: 64, height: 48, maxPixels: 64 * 48 - 1 });
    const seconds = { limits: { ...DEFAULT_LIMITS, maxSeconds: 3 } };
    for (const name of ['video.mp4', 'moving.webp']) {
      if (name === 'moving.webp')
        encodeCoded(50, ['-c:v', 'libwebp_anim', at(name)], { frameRate: '10' });
      const refused = await failure(name, seconds);
      expect(refused.code).toBe('media_too_large');
      expect(refused.details.maxSeconds).toBe(3);
    }
  });

  it('more streams than allowed, in any container', async () => {
    const maps = Array.from({ length: 12 }, () => ['-map', '0:v']).flat();
    for (const name of ['many.mkv', 'many.mp4', 'many.avi']) {
      const video = ['-i', at('video.mp4'), ...maps, '-c', 'copy', '-t', '1'];
      ffmpeg([...video, at(name)]);
      const error = await failure(name, { limits: { ...DEFAULT_LIMITS, maxStreams: 10 } });
      expect([error.code, error.details]).toEqual(['media_too_large', { maxStreams: 10 }]);
      expect((await probeMedia(at(name))).kind).toBe('video');
    }
  });

  it('a format that ffmpeg could read and that isn’t taken, by name', async () => {
    ffmpeg(['-i', at('video.mp4'), '-c:v', 'mpeg2video', '-t', '1', at('broadcast.mxf')]);
    ffmpeg(['-i', at('video.mp4'), '-c:v', 'rawvideo', '-t', '1', '-f', 'nut', at('own.nut')]);
    for (const [name, format] of [
      ['broadcast.mxf', 'mxf'],
      ['own.nut', 'nut'],
    ] as const) {
      const error = await failure(name);
      expect(error.code).toBe('media_unsupported');
      expect(error.message).toContain(format);
    }
  });

  it('what takes too long', async () => {
    const error = await failure('video.mp4', { limits: { ...DEFAULT_LIMITS, probeTimeoutMs: 1 } });
    expect(error.code).toBe('decoder_timeout');
    expect(childrenNamed('ffprobe')).toEqual([]);
  });

  it('nothing, once aborted: the reason is thrown', async () => {
    const controller = new AbortController();
    const probing = probeMedia(at('video.mp4'), { signal: controller.signal });
    setImmediate(() => {
      controller.abort(new Error('cancelled'));
    });
    await expect(probing).rejects.toThrow('cancelled');
    expect(childrenNamed('ffprobe')).toEqual([]);
  });

  it('a file that only names another', async () => {
    // A QuickTime reference movie.
    const box = (type: string, ...parts: (Buffer | string)[]): Buffer => {
      const body = Buffer.concat(parts.map((part) => Buffer.from(part)));
      const head = Buffer.alloc(8);
      head.writeUInt32BE(body.length + 8);
      head.write(type, 4);
      return Buffer.concat([head, body]);
    };
    const url = Buffer.from(`\0\0\0\0url \0\0\0\x20file://${at('video.mp4')}\0`);
    const reference = box('moov', box('rmra', box('rmda', box('rdrf', url))));
    writeFileSync(at('reference.mov'), Buffer.concat([box('ftyp', 'qt  \0\0\0\0qt  '), reference]));
    expect((await failure('reference.mov')).code).toBe('media_unreadable');
  });
});
