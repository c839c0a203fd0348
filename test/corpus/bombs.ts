import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { box, changeBoxes, findBoxes, parseBoxes, serialise, u32, u8 } from './boxes.js';
import { refused, type CorpusFile } from './corpus-file.js';
import { coded, encoded } from './encoded.js';
import { heicOf } from './heic.js';
import { steady, X264, X265 } from './videos.js';

const plain = () => coded('mp4', X264);
const tooLarge = refused('media_too_large');

function chunk(type: string, body: Uint8Array): Buffer {
  const content = Buffer.concat([Buffer.from(type), body]);
  return Buffer.concat([u32(body.length), content, u32(crc32(content))]);
}
const png = (width: number, height: number, ...between: Buffer[]) =>
  Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', Buffer.concat([u32(width, height), u8(8, 0, 0, 0, 0)])),
    ...between,
    // Zeros shrink a thousandfold: a gigabyte of pixels is a megabyte of file; here only what is needed to begin.
    chunk('IDAT', deflateSync(new Uint8Array(1_000_000))),
    chunk('IEND', new Uint8Array()),
  ]);

const bmpHeader = (width: number, height: number) => {
  const header = Buffer.alloc(54 + 100);
  header.write('BM');
  header.writeUInt32LE(header.length, 2);
  header.writeUInt32LE(54, 10);
  header.writeUInt32LE(40, 14);
  header.writeInt32LE(width, 18);
  header.writeInt32LE(height, 22);
  header.writeUInt16LE(1, 26);
  header.writeUInt16LE(24, 28);
  return header;
};

const many = (extension: string, count: number, codec: readonly string[]) =>
  encoded(
    extension,
    ['-i', '@0', ...Array.from({ length: count }, () => ['-map', '0:v']).flat(), ...codec],
    coded('mp4', X264, { count: 2, width: 32, height: 32 }),
  );

const nested = (depth: number) => {
  let inner: Buffer = Buffer.alloc(0);
  for (let i = 0; i < depth; i += 1) inner = box('moov', inner);
  return Buffer.concat([box('ftyp', 'isom', u32(0), 'isom'), inner]);
};

/** Small files that unfold: to pixels, frames, hours, levels, streams. */
export const bombs: readonly CorpusFile[] = [
  { name: 'pixels.png', bytes: () => png(60_000, 60_000), expected: tooLarge },
  {
    name: 'pixels.jpg',
    bytes: async () => {
      const create = { width: 16, height: 16, channels: 3, background: 'red' } as const;
      const jpeg = await sharp({ create }).jpeg().toBuffer();
      jpeg.writeUInt32BE(0xffdcffdc, jpeg.indexOf(Buffer.from([0xff, 0xc0])) + 5);
      return jpeg;
    },
    expected: tooLarge,
  },
  {
    name: 'pixels.gif',
    bytes: async () => {
      const gif = await sharp({
        create: { width: 16, height: 16, channels: 3, background: 'red' },
      })
        .gif()
        .toBuffer();
      gif.writeUInt32LE(0xffffffff, 6);
      return gif;
    },
    // The picture itself is small; the screen it lies on is not made.
    expected: { verdict: 'either' },
  },
  {
    name: 'pixels.webp',
    bytes: () =>
      sharp({ create: { width: 16_000, height: 8000, channels: 3, background: 'red' } })
        .webp({ lossless: true, effort: 0 })
        .toBuffer(),
    expected: tooLarge,
  },
  {
    name: 'pixels.bmp',
    bytes: () => bmpHeader(30_000, 30_000),
    expected: refused('media_unreadable'),
  },
  {
    name: 'pixels.heic',
    bytes: () =>
      heicOf(coded('mp4', [...X265, '-pix_fmt', 'yuv420p'], { count: 1 }), {
        ...{ width: 60_000, height: 60_000 },
      }),
    expected: tooLarge,
  },
  {
    name: 'pixels.tif',
    bytes: () => {
      const entry = (tag: number, value: number) => {
        const bytes = Buffer.alloc(12);
        bytes.writeUInt16LE(tag, 0);
        bytes.writeUInt16LE(4, 2);
        bytes.writeUInt32LE(1, 4);
        bytes.writeUInt32LE(value, 8);
        return bytes;
      };
      const entries = [
        ...[entry(256, 200_000), entry(257, 200_000), entry(258, 8), entry(259, 1)],
        ...[entry(262, 1), entry(273, 8), entry(277, 1), entry(278, 200_000), entry(279, 4)],
      ];
      // The next directory is this one again.
      const head = Buffer.from('49492a0008000000', 'hex');
      const count = Buffer.from([entries.length, 0]);
      const next = Buffer.from([8, 0, 0, 0]);
      return Buffer.concat([head, count, ...entries, next]);
    },
    expected: { verdict: 'either' },
  },
  {
    name: 'text-chunk.png',
    bytes: () =>
      png(
        16,
        16,
        chunk(
          'zTXt',
          Buffer.concat([Buffer.from('x\0\0'), deflateSync(new Uint8Array(200_000_000))]),
        ),
      ),
    expected: { verdict: 'either' },
  },
  {
    name: 'frames.webp',
    bytes: async () => {
      // A frame of a thousandth of a second, 3000 times: browsers show each for a tenth.
      const frame = await sharp({
        create: { width: 16, height: 16, channels: 3, background: 'red' },
      })
        .webp({ lossless: true })
        .toBuffer();
      const image = frame.subarray(12);
      const le24 = (value: number) => u8(value & 255, (value >> 8) & 255, value >> 16);
      const le32 = (value: number) => Buffer.from(Uint32Array.of(value).buffer);
      const riff = (type: string, body: Buffer) =>
        Buffer.concat([Buffer.from(type), le32(body.length), body]);
      const header = Buffer.concat([u8(2, 0, 0, 0), le24(15), le24(15)]);
      const place = Buffer.concat([le24(0), le24(0), le24(15), le24(15), le24(1), u8(0)]);
      const body = Buffer.concat([
        Buffer.from('WEBP'),
        riff('VP8X', header),
        riff('ANIM', Buffer.alloc(6)),
        ...Array.from({ length: 3000 }, () => riff('ANMF', Buffer.concat([place, image]))),
      ]);
      return riff('RIFF', body);
    },
    expected: { verdict: 'either' },
  },
  {
    // The same table says each of two frames is on screen for half a day.
    name: 'days.mp4',
    bytes: () =>
      ['mvhd', 'mdhd'].reduce<Uint8Array>(
        (bytes, type) => changeBoxes(bytes, type, ({ body }) => body.writeUInt32BE(0x7fffffff, 16)),
        changeBoxes(coded('mp4', [...X264, '-bf', '0'], { count: 50 }), 'stts', (found) => {
          found.body = Buffer.concat([u32(0, 1), u32(50, 0x7fffff)]);
        }),
      ),
    expected: { verdict: 'either' },
  },
  {
    name: 'days.mkv',
    bytes: () =>
      encoded(
        'mkv',
        ['-i', '@0', '-vf', 'setpts=N*7200/TB', '-fps_mode', 'vfr', ...X264, '-bf', '0'],
        coded('mp4', X264, { count: 10 }),
      ),
    expected: tooLarge,
  },
  {
    name: 'samples-without-end.mp4',
    bytes: () =>
      changeBoxes(plain(), 'stts', (found) => {
        found.body = Buffer.concat([u32(0, 1), u32(0xffffffff, 1)]);
      }),
    expected: { verdict: 'either' },
  },
  {
    name: 'table-without-end.mp4',
    bytes: () =>
      changeBoxes(plain(), 'stsz', (found) => {
        found.body = u32(0, 0, 0xfffffff0);
      }),
    expected: { verdict: 'either' },
  },
  {
    name: 'box-without-end.mp4',
    bytes: () =>
      Buffer.concat([
        box('ftyp', 'isom', u32(0), 'isom'),
        u32(1),
        Buffer.from('moov'),
        u32(0x7fffffff, 0),
      ]),
    expected: refused('media_unreadable'),
  },
  { name: 'levels.mp4', bytes: () => nested(20_000), expected: { verdict: 'either' } },
  { name: 'streams.mkv', bytes: () => many('mkv', 120, ['-c', 'copy']), expected: tooLarge },
  { name: 'streams.mp4', bytes: () => many('mp4', 120, ['-c', 'copy']), expected: tooLarge },
  {
    // The same track 3000 times.
    name: 'streams-declared.mp4',
    bytes: () => {
      const boxes = parseBoxes(plain());
      const [moov] = findBoxes(boxes, 'moov');
      const [track] = findBoxes(boxes, 'trak');
      if (moov?.children != null && track !== undefined) {
        moov.children.push(...Array.from({ length: 3000 }, () => track));
      }
      return serialise(boxes);
    },
    expected: tooLarge,
  },
  {
    name: 'size-huge.mp4',
    bytes: () =>
      changeBoxes(plain(), 'stsd', ({ body }) => {
        body.writeUInt32BE(0xffffffff, body.indexOf('avc1') + 28);
      }),
    // The stream itself knows better.
    expected: { verdict: 'either' },
  },
];

/** Lengths that are none. */
export const degenerate: readonly CorpusFile[] = [
  {
    name: 'no-frames.mp4',
    bytes: () => encoded('mp4', ['-i', '@0', '-t', '0', '-c', 'copy'], plain()),
    expected: { verdict: 'either' },
  },
  {
    name: 'one-moment.mkv',
    bytes: () =>
      encoded(
        'mkv',
        ['-i', '@0', '-vf', 'setpts=0', '-fps_mode', 'passthrough', ...X264, '-bf', '0'],
        plain(),
      ),
    expected: { verdict: 'either' },
  },
  {
    name: 'header-only.ts',
    bytes: () => coded('ts', X264).subarray(0, 188 * 2),
    expected: { verdict: 'either' },
  },
  {
    name: 'wrong-frame-rate.mp4',
    bytes: () => coded('mp4', X264, { count: 300, rate: '1000' }),
    expected: steady({ count: 300, rate: '1000' }),
  },
];
