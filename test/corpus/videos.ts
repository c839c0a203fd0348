import type { CorpusFile, Moving } from './corpus-file.js';
import { refused } from './corpus-file.js';
import { coded, type CodedOptions } from './encoded.js';

/** As phones and sites make it: B-frames, long groups of pictures. */
export const X264 = ['-c:v', 'libx264', '-preset', 'veryfast', '-bf', '2', '-pix_fmt', 'yuv420p'];
export const X265 = ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=none'];
const VP9 = ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8'];
const AV1 = ['-c:v', 'libaom-av1', '-cpu-used', '8', '-usage', 'realtime', '-row-mt', '1'];

/** A coded video at a constant rate, of 50 frames in 2 seconds unless said otherwise. */
export function steady(
  { count = 50, width = 160, height = 120, rate = '25', first = 0 }: CodedOptions = {},
  more: Partial<Moving> = {},
): Moving {
  const [numerator = NaN, denominator = 1] = rate.split('/').map(Number);
  const frameSeconds = denominator / numerator;
  return {
    verdict: 'video',
    size: [width, height],
    frameSeconds,
    timeOf: (number) => (number - first) * frameSeconds,
    durationSeconds: count * frameSeconds,
    ...more,
  };
}

const video = (
  name: string,
  output: readonly string[],
  more: Partial<Moving> = {},
  options: CodedOptions = {},
): CorpusFile => ({
  name,
  bytes: () => coded(name.slice(name.lastIndexOf('.') + 1), output, options),
  expected: steady(options, more),
});

/** Containers and codecs. */
export const videos: readonly CorpusFile[] = [
  video('h264.mp4', X264, { container: 'mp4', codec: 'h264' }),
  video('h264.mov', X264, { container: 'mov', codec: 'h264' }),
  video('h264.mkv', X264, { container: 'matroska', codec: 'h264' }),
  video('h264.ts', X264, { container: 'mpegts', codec: 'h264' }),
  video('h264.flv', X264, { container: 'flv', codec: 'h264' }),
  video('h264.3gp', X264, { container: 'mp4', codec: 'h264' }),
  video('h264-fragmented.mp4', [...X264, '-movflags', '+frag_keyframe+empty_moov'], {}),
  video('h264-hybrid-index.mp4', [...X264, '-movflags', '+faststart']),
  video('hevc.mp4', [...X265, '-tag:v', 'hvc1'], { container: 'mp4', codec: 'hevc' }),
  video('hevc.ts', X265, { container: 'mpegts', codec: 'hevc' }),
  video('vp8.webm', ['-c:v', 'libvpx', '-deadline', 'realtime', '-b:v', '300k'], {
    container: 'webm',
    codec: 'vp8',
  }),
  video('vp9.webm', VP9, { container: 'webm', codec: 'vp9' }),
  video('vp9.mp4', VP9, { container: 'mp4', codec: 'vp9' }),
  video('av1.mp4', AV1, { container: 'mp4', codec: 'av1' }),
  video('av1.webm', AV1, { container: 'webm', codec: 'av1' }),
  video('mpeg4.avi', ['-c:v', 'mpeg4', '-qscale:v', '2'], { container: 'avi', codec: 'mpeg4' }),
  video('mpeg4-b-frames.avi', ['-c:v', 'mpeg4', '-qscale:v', '2', '-bf', '2'], {
    container: 'avi',
  }),
  video('mpeg4.3gp', ['-c:v', 'mpeg4', '-qscale:v', '2'], { container: 'mp4', codec: 'mpeg4' }),
  video(
    'h263.3gp',
    ['-c:v', 'h263', '-qscale:v', '2'],
    // Its pixels are 12:11.
    { codec: 'h263', size: [192, 144] },
    { width: 176, height: 144 },
  ),
  video('mjpeg.avi', ['-c:v', 'mjpeg', '-pix_fmt', 'yuvj420p'], { codec: 'mjpeg' }),
  video('mjpeg.mov', ['-c:v', 'mjpeg', '-pix_fmt', 'yuvj422p'], { codec: 'mjpeg' }),
  video('prores.mov', ['-c:v', 'prores_ks', '-profile:v', '2', '-pix_fmt', 'yuv422p10le'], {
    codec: 'prores',
  }),
  video('sorenson.flv', ['-c:v', 'flv', '-qscale:v', '2'], { container: 'flv', codec: 'flv1' }),
  video('mpeg2.mpg', ['-c:v', 'mpeg2video', '-qscale:v', '2', '-bf', '2'], {
    container: 'mpeg',
    codec: 'mpeg2video',
  }),
  video('wmv2.asf', ['-c:v', 'wmv2', '-qscale:v', '2'], { container: 'asf', codec: 'wmv2' }),
  video('theora.ogv', ['-c:v', 'libtheora', '-qscale:v', '8'], {
    container: 'ogg',
    codec: 'theora',
  }),
  video('moving.gif', ['-c:v', 'gif'], { container: 'gif', codec: 'gif' }),
  video('moving.png', ['-f', 'apng', '-plays', '0'], { container: 'apng', codec: 'apng' }),
  video('moving.webp', ['-c:v', 'libwebp_anim', '-lossless', '1', '-loop', '0'], {
    container: 'webp',
    codec: 'webp',
  }),
];

/** Depths, layouts, sizes and rates. */
export const formats: readonly CorpusFile[] = [
  video('h264-10-bit.mp4', ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p10le']),
  video('hevc-10-bit.mp4', [...X265, '-pix_fmt', 'yuv420p10le']),
  video('vp9-10-bit.webm', [...VP9, '-pix_fmt', 'yuv420p10le']),
  video('h264-4-4-4.mkv', ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv444p']),
  video('h264-grey.mp4', ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'gray']),
  video('h264-rgb.mkv', ['-c:v', 'libx264rgb', '-preset', 'ultrafast', '-pix_fmt', 'bgr24']),
  video('full-range.mp4', [...X264, '-vf', 'scale=out_range=pc', '-color_range', 'pc']),
  video('odd-size.webm', [...VP9, '-pix_fmt', 'yuv420p'], {}, { width: 67, height: 45 }),
  video('narrow.mp4', X264, {}, { width: 64, height: 480 }),
  video('one-frame.mp4', X264, {}, { count: 1 }),
  video('two-frames.mkv', X264, {}, { count: 2 }),
  video('rate-120.mp4', X264, {}, { count: 120, rate: '120' }),
  video('rate-29.97.mp4', X264, {}, { rate: '30000/1001' }),
  video('rate-one-in-two-seconds.mp4', X264, {}, { count: 5, rate: '1/2' }),
  // Alpha is dropped: what lies under a transparent part counts.
  video('alpha-vp9.webm', [
    '-vf',
    'format=yuva420p,geq=lum=lum(X\\,Y):cb=128:cr=128:a=if(gt(X\\,80)\\,0\\,255)',
    ...['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-pix_fmt', 'yuva420p'],
  ]),
  video('alpha-prores.mov', [
    '-vf',
    'format=yuva444p,geq=lum=lum(X\\,Y):cb=128:cr=128:a=if(gt(X\\,80)\\,0\\,255)',
    ...['-c:v', 'prores_ks', '-profile:v', '4444', '-pix_fmt', 'yuva444p10le'],
  ]),
  video('alpha-png.mov', ['-vf', 'format=rgba,colorchannelmixer=aa=0.3', '-c:v', 'png']),
];

/** Brightness, between black at 0 nits and white at 203: BT.2408 puts graphics white at 58 % of PQ's signal, 75 % of HLG's. */
export const hdrColours = (transfer: string, white: number) => [
  ...['-vf', `format=yuv444p,lutyuv=y=if(gt(val\\,128)\\,${white}\\,16):u=128:v=128`],
  ...['-pix_fmt', 'yuv420p10le'],
  ...['-color_primaries', 'bt2020', '-color_trc', transfer, '-colorspace', 'bt2020nc'],
];
export const hdr = (transfer: string, white: number) => [
  ...hdrColours(transfer, white),
  ...['-c:v', 'libx265', '-preset', 'ultrafast'],
  '-x265-params',
  `log-level=none:colorprim=bt2020:transfer=${transfer}:colormatrix=bt2020nc`,
];

/** High dynamic range: white as bright as in other videos, not the grey that its numbers look like. */
export const bright: readonly CorpusFile[] = [
  video('hdr-pq.mp4', hdr('smpte2084', 143), { white: [205, 240] }),
  video('hdr-hlg.mp4', hdr('arib-std-b67', 180), { white: [205, 240] }),
  video('hdr-pq.mkv', hdr('smpte2084', 143), { white: [205, 240] }),
];

const sound = ['-f', 'lavfi', '-i', 'sine=d=2:r=44100'];

/** Sound alone, with and without a picture on the cover. */
export const audio: readonly CorpusFile[] = [
  {
    name: 'sound.m4a',
    bytes: () => coded('m4a', [...sound, '-map', '1:a', '-c:a', 'aac']),
    expected: refused('media_no_video', 'audio alone'),
  },
  {
    name: 'sound.wav',
    bytes: () => coded('wav', [...sound, '-map', '1:a']),
    expected: refused('media_no_video'),
  },
  {
    name: 'covered.mp3',
    bytes: () =>
      coded('mp3', [
        ...[...sound, '-map', '1:a', '-map', '0:v', '-frames:v', '1', '-c:v', 'mjpeg'],
        ...['-pix_fmt', 'yuvj420p', '-disposition:v', 'attached_pic'],
      ]),
    expected: refused('media_no_video'),
  },
];
