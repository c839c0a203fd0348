import { gzipSync } from 'node:zlib';
import sharp from 'sharp';
import { codedPicture } from '../medium/media-coded-video.js';
import { box, u32 } from './boxes.js';
import { refused, type CorpusFile } from './corpus-file.js';
import { coded } from './encoded.js';
import { heicOf } from './heic.js';
import { steady, X264, X265 } from './videos.js';

const plain = () => coded('mp4', X264);
const picture = () => {
  const { width, height, data } = codedPicture(1234, 160, 120);
  return sharp(data, { raw: { width, height, channels: 1 } });
};

/** Bits turned at random, the same ones each time: a linear congruential generator. */
function flipped(bytes: Uint8Array, seed: number, share = 0.003): Uint8Array {
  const out = Buffer.from(bytes);
  let state = seed;
  const next = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0);
  for (let i = 0; i < Math.max(3, out.length * share); i += 1) {
    const at = next() % out.length;
    out[at] = (out[at] ?? 0) ^ (1 << ((next() >>> 24) % 8));
  }
  return out;
}

const half = (bytes: Uint8Array) => bytes.subarray(0, bytes.length / 2);

const damage = (name: string, bytes: CorpusFile['bytes']): CorpusFile => ({
  name,
  bytes,
  expected: { verdict: 'either' },
});
const cut = (name: string, bytes: CorpusFile['bytes']): CorpusFile => ({
  name,
  bytes,
  expected: refused('media_unreadable'),
});

const sources: readonly (readonly [string, () => Uint8Array | Promise<Uint8Array>])[] = [
  ['mp4', plain],
  ['mkv', () => coded('mkv', X264)],
  ['ts', () => coded('ts', X264)],
  ['avi', () => coded('avi', ['-c:v', 'mpeg4', '-qscale:v', '2'])],
  ['flv', () => coded('flv', ['-c:v', 'flv', '-qscale:v', '2'])],
  ['gif', () => coded('gif', ['-c:v', 'gif'])],
  ['jpg', () => picture().jpeg().toBuffer()],
  ['png', () => picture().png().toBuffer()],
  ['webp', () => picture().webp().toBuffer()],
  ['avif', () => picture().avif().toBuffer()],
  ['tif', () => picture().tiff({ compression: 'lzw' }).toBuffer()],
  ['heic', heic],
  ['bmp', () => coded('bmp', ['-c:v', 'bmp', '-pix_fmt', 'bgr24'], { count: 1 })],
];

function heic(): Uint8Array {
  const video = coded('mp4', [...X265, '-pix_fmt', 'yuv420p'], { count: 1, first: 1234 });
  return heicOf(video, { width: 160, height: 120 });
}

/** Damaged on the way, or on purpose. */
export const damaged: readonly CorpusFile[] = [
  ...sources.map(([kind, bytes], i) =>
    damage(`flipped.${kind}`, async () => flipped(await bytes(), 7 + i)),
  ),
  // The index is at the end.
  cut('cut.mp4', () => half(plain())),
  cut('cut.png', async () => half(await picture().png().toBuffer())),
  cut('cut.jpg', async () => half(await picture().jpeg().toBuffer())),
  cut('cut.webp', async () => half(await picture().webp({ lossless: true }).toBuffer())),
  cut('cut.heic', () => half(heic())),
  {
    name: 'cut.mkv',
    bytes: () => half(coded('mkv', X264)),
    expected: steady({}, { share: 0.2 }),
  },
  cut('noise.mp4', () => flipped(Buffer.alloc(20_000, 0x55), 3, 1)),
  cut('zeros.mp4', () => new Uint8Array(20_000)),
];

/** One thing by its name or beginning, another by its content. */
export const disguised: readonly CorpusFile[] = [
  {
    name: 'a-picture.mp4',
    declared: 'VIDEO',
    bytes: () => picture().png().toBuffer(),
    expected: { verdict: 'image', size: [160, 120], container: 'png', number: 1234 },
  },
  {
    name: 'a-video.jpg',
    declared: 'IMAGE',
    bytes: plain,
    expected: steady({}, { container: 'mp4' }),
  },
  {
    name: 'archive.mp4',
    bytes: () =>
      Buffer.concat([Buffer.from('PK\x03\x04\x14\0\0\0\x08\0', 'latin1'), Buffer.alloc(200)]),
    expected: refused('media_unsupported', 'zip'),
  },
  {
    name: 'drawing.svgz',
    bytes: () => gzipSync('<svg xmlns="http://www.w3.org/2000/svg"/>'),
    expected: refused('media_unsupported', 'gzip'),
  },
  {
    name: 'program.mp4',
    bytes: () => Buffer.concat([Buffer.from('\x7fELF\x02\x01\x01', 'latin1'), Buffer.alloc(200)]),
    expected: refused('media_unsupported', 'elf'),
  },
  {
    // An archive behind a picture.
    name: 'picture-and-archive.jpg',
    bytes: async () =>
      Buffer.concat([
        await picture().jpeg().toBuffer(),
        Buffer.from('PK\x05\x06'),
        Buffer.alloc(18),
      ]),
    expected: { verdict: 'image', size: [160, 120], container: 'jpeg', number: 1234 },
  },
  {
    // A web page within a video, in a box that players pass over.
    name: 'video-and-page.mp4',
    bytes: () =>
      Buffer.concat([plain(), box('free', '<!doctype html><script>alert(1)</script>'), u32()]),
    expected: steady(),
  },
  {
    name: 'playlist-in-a-comment.gif',
    bytes: async () => {
      const gif = await picture().gif().toBuffer();
      const comment = Buffer.from('!\xfe\x14#EXTM3U\nfile:///etc\n\0', 'latin1');
      return Buffer.concat([gif.subarray(0, -1), comment, gif.subarray(-1)]);
    },
    expected: { verdict: 'image', size: [160, 120], container: 'gif', number: 1234 },
  },
  ...[
    '-i.mp4',
    '-vf movie=x.mp4',
    '%03d.mp4',
    'new\nline.mp4',
    '\u001b[2J\u202egpj.mp4',
    '$(id);`id`.mp4',
    'quote\'".mp4',
    'concat:a|b.mp4',
    'http:example.mp4',
  ].map((sentAs, i): CorpusFile => ({
    name: `name-${i}.mp4`,
    sentAs,
    // A byte behind the file's end makes each another medium.
    bytes: () => Buffer.concat([plain(), box('free', u32(i))]),
    expected: steady(),
  })),
];
