import type { CorpusFile } from './corpus-file.js';
import { coded, encoded } from './encoded.js';
import { steady, X264 } from './videos.js';

/**
 * Fields of two moments in each frame: the first one's picture is numbered as the frame, the other's one higher, and it is the
 * next frame's first. So every line changes from frame to frame, as in real movement.
 */
const interlaced = (first: 'top' | 'bottom', ...more: string[]) => {
  const order = first === 'top' ? 'tff' : 'bff';
  const fields = 'fps=50,trim=start_frame=1,setpts=PTS-STARTPTS';
  const woven = `${fields},tinterlace=mode=interleave_${first}`;
  return ['-vf', [woven, `setfield=${order}`, ...more].join(',')];
};
const MPEG2 = ['-c:v', 'mpeg2video', '-qscale:v', '2', '-flags', '+ildct+ilme'];
const FRAMES = { count: 51 };

const cover = ['-f', 'lavfi', '-i', 'color=red:s=300x300:d=0.04:r=25'];

/** What is not plain about the pictures or the choice of them. */
export const streams: readonly CorpusFile[] = [
  {
    name: 'interlaced-top.mp4',
    bytes: () => {
      const encoder = [...X264, '-flags', '+ildct+ilme', '-x264opts', 'tff=1'];
      return coded('mp4', [...interlaced('top'), ...encoder], FRAMES);
    },
    expected: steady(),
  },
  {
    name: 'interlaced-bottom.ts',
    bytes: () => coded('ts', [...interlaced('bottom'), ...MPEG2, '-top', '0'], FRAMES),
    expected: steady(),
  },
  {
    name: 'wide-pixels.mp4',
    bytes: () => coded('mp4', ['-vf', 'setsar=4/3', ...X264]),
    expected: steady({}, { size: [213, 120] }),
  },
  {
    name: 'narrow-pixels.mkv',
    bytes: () => coded('mkv', ['-vf', 'setsar=8/9', ...X264]),
    expected: steady({}, { size: [160, 135] }),
  },
  {
    name: 'wide-pixels-interlaced.ts',
    bytes: () => coded('ts', [...interlaced('top', 'setdar=16/9'), ...MPEG2, '-top', '1'], FRAMES),
    expected: steady({}, { size: [213, 120] }),
  },
  {
    // No pixel is a thousand times as wide as high.
    name: 'absurd-pixels.mkv',
    bytes: () => coded('mkv', ['-vf', 'setsar=1000/1', ...X264]),
    expected: steady(),
  },
  {
    name: 'size-changes.ts',
    bytes: () =>
      Buffer.concat([
        coded('ts', [...X264, '-bf', '0'], { count: 25 }),
        coded('ts', [...X264, '-bf', '0', '-output_ts_offset', '1'], {
          ...{ count: 25, first: 25, width: 320, height: 240 },
        }),
      ]),
    expected: steady(),
  },
  {
    // A call whose picture grew when the line got better, as browsers record it.
    name: 'size-changes.webm',
    bytes: () => {
      const vp8 = ['-c:v', 'libvpx', '-deadline', 'realtime', '-b:v', '300k'];
      const part = (first: number, width: number, height: number) =>
        coded('ivf', vp8, { count: 25, first, width, height });
      return encoded('webm', copyBoth, joinIvf(part(0, 160, 120), part(25, 320, 240)));
    },
    expected: steady(),
  },
  {
    name: 'largest-of-several.ts',
    bytes: () =>
      encoded(
        'ts',
        ['-i', '@0', '-i', '@1', '-map', '0', '-map', '1', '-c', 'copy'],
        coded('mp4', X264, { width: 64, height: 48, first: 2000 }),
        coded('mp4', X264),
      ),
    expected: steady(),
  },
  {
    name: 'default-of-several.mkv',
    bytes: () =>
      encoded(
        'mkv',
        [
          ...['-i', '@0', '-i', '@1', '-map', '0', '-map', '1', '-c', 'copy'],
          ...['-disposition:v:0', '0', '-disposition:v:1', 'default'],
        ],
        coded('mp4', X264, { width: 320, height: 240, first: 2000 }),
        coded('mp4', X264),
      ),
    expected: steady(),
  },
  {
    name: 'covered.mp4',
    bytes: () =>
      encoded(
        'mp4',
        [
          ...[...cover, '-i', '@0', '-map', '0', '-map', '1', '-c:v:0', 'mjpeg', '-c:v:1', 'copy'],
          ...['-pix_fmt:v:0', 'yuvj420p', '-disposition:v:0', 'attached_pic'],
        ],
        coded('mp4', X264),
      ),
    expected: steady(),
  },
  {
    name: 'with-sound-and-subtitles.mkv',
    bytes: () =>
      encoded(
        'mkv',
        [
          ...['-f', 'lavfi', '-i', 'sine=d=2', '-f', 'srt', '-i', '@1', '-i', '@0'],
          ...['-map', '0', '-map', '1', '-map', '2', '-c:v', 'copy'],
        ],
        coded('mp4', X264),
        Buffer.from('1\n00:00:00,000 --> 00:00:01,000\nhello\n'),
      ),
    expected: steady(),
  },
];

const copyBoth = ['-i', '@0', '-c', 'copy'];

/** Frames of the second after those of the first: the header holds the first one's size. */
function joinIvf(first: Uint8Array, second: Uint8Array): Uint8Array {
  const [head, tail] = [Buffer.from(first), Buffer.from(second)];
  let count = 0;
  for (let at = 32; at < head.length; at += 12 + head.readUInt32LE(at)) count += 1;
  for (let at = 32; at < tail.length; at += 12 + tail.readUInt32LE(at)) {
    tail.writeBigUInt64LE(tail.readBigUInt64LE(at + 4) + BigInt(count), at + 4);
  }
  return Buffer.concat([head, tail.subarray(32)]);
}
