import sharp, { type Sharp } from 'sharp';
import { codedPicture } from '../medium/media-coded-video.js';
import type { CorpusFile, Still } from './corpus-file.js';
import { coded } from './encoded.js';
import { heicOf, imir, irot, nclx } from './heic.js';
import { hdr, hdrColours, X264, X265 } from './videos.js';

const NUMBER = 1234;
const [WIDTH, HEIGHT] = [160, 120];
const picture = () => {
  const { width, height, data } = codedPicture(NUMBER, WIDTH, HEIGHT);
  return sharp(data, { raw: { width, height, channels: 1 } });
};
const colour = () => picture().toColourspace('srgb');

const expected = (container: string): Still => ({
  verdict: 'image',
  size: [WIDTH, HEIGHT],
  container,
  number: NUMBER,
});
const still = (name: string, container: string, bytes: CorpusFile['bytes']): CorpusFile => ({
  name,
  bytes,
  expected: expected(container),
});

/** What a viewer of each EXIF orientation does, undone (EXIF 2.32, 4.6.4 A); sharp mirrors before it turns. */
const stored: readonly (() => Sharp)[] = [
  () => picture(),
  () => picture().flop(),
  () => picture().rotate(180),
  () => picture().flip(),
  () => picture().flop().rotate(270),
  () => picture().rotate(270),
  () => picture().flop().rotate(90),
  () => picture().rotate(90),
];
const oriented = stored.map((turn, i) =>
  still(`exif-${i + 1}.jpg`, 'jpeg', async () =>
    sharp(await turn().png().toBuffer())
      .withMetadata({ orientation: i + 1 })
      .jpeg()
      .toBuffer(),
  ),
);

/** One frame of HEVC, stored turned, in a HEIC with the properties that turn it back. */
const heic = (filter: string[], turns: Buffer[], width = WIDTH, height = HEIGHT) =>
  heicOf(coded('mp4', [...filter, ...X265, '-pix_fmt', 'yuv420p'], { count: 1, first: NUMBER }), {
    ...{ width, height, transforms: turns },
  });

/** PQ and HLG by their names in ffmpeg and in H.273, with their signal of white as in the videos. */
const TRANSFERS = [
  ['pq', 'smpte2084', 16, 143],
  ['hlg', 'arib-std-b67', 18, 180],
] as const;
const one = { count: 1, first: NUMBER };
const bright = TRANSFERS.flatMap(([name, transfer, code, white]) => {
  const av1 = ['-c:v', 'libaom-av1', '-still-picture', '1', '-crf', '5'];
  const files = [
    still(`hdr-${name}.avif`, 'avif', () =>
      coded('avif', [...hdrColours(transfer, white), ...av1], one),
    ),
    still(`hdr-${name}.heic`, 'heic', () =>
      heicOf(coded('mp4', hdr(transfer, white), one), {
        ...{ width: WIDTH, height: HEIGHT, depth: 10, colour: nclx(9, code, 9) },
      }),
    ),
  ];
  return files.map((file) => ({
    ...file,
    expected: { ...expected(file.name.endsWith('avif') ? 'avif' : 'heic'), white: [205, 240] },
  }));
}) satisfies readonly CorpusFile[];

const bmp = (name: string, pixels: string) =>
  still(name, 'bmp', () =>
    coded('bmp', ['-c:v', 'bmp', '-pix_fmt', pixels], { count: 1, first: NUMBER }),
  );

export const stills: readonly CorpusFile[] = [
  ...oriented,
  still('cmyk.jpg', 'jpeg', () => colour().toColourspace('cmyk').jpeg().toBuffer()),
  still('progressive.jpg', 'jpeg', () => colour().jpeg({ progressive: true }).toBuffer()),
  still('grey.jpg', 'jpeg', () => picture().toColourspace('b-w').jpeg().toBuffer()),
  still('deep.png', 'png', () => picture().toColourspace('rgb16').png().toBuffer()),
  still('palette.png', 'png', () => colour().png({ palette: true }).toBuffer()),
  still('alpha.png', 'png', () => colour().ensureAlpha(0.2).png().toBuffer()),
  still('interlaced.png', 'png', () => colour().png({ progressive: true }).toBuffer()),
  still('lossy.webp', 'webp', () => colour().webp().toBuffer()),
  still('alpha.webp', 'webp', () => colour().ensureAlpha(0.2).webp({ lossless: true }).toBuffer()),
  still('plain.avif', 'avif', () => colour().avif().toBuffer()),
  still('deep.avif', 'avif', () => colour().avif({ bitdepth: 8, lossless: true }).toBuffer()),
  still('plain.tif', 'tiff', () => colour().tiff().toBuffer()),
  still('lzw.tif', 'tiff', () => colour().tiff({ compression: 'lzw' }).toBuffer()),
  still('plain.gif', 'gif', () => colour().gif().toBuffer()),
  bmp('plain.bmp', 'bgr24'),
  bmp('grey.bmp', 'gray'),
  bmp('palette.bmp', 'rgb8'),
  bmp('two-colours.bmp', 'monow'),
  still('plain.heic', 'heic', () => heic([], [])),
  still('quarter-turn.heic', 'heic', () =>
    heic(['-vf', 'transpose=cclock'], [irot(3)], HEIGHT, WIDTH),
  ),
  still('mirrored.heic', 'heic', () => heic(['-vf', 'hflip'], [imir(1)])),
  ...bright,
  // Colours that are told, and are those of any display.
  still('told.heic', 'heic', () =>
    heicOf(coded('mp4', [...X265, '-pix_fmt', 'yuv420p'], one), {
      ...{ width: WIDTH, height: HEIGHT, colour: nclx(1, 13, 1) },
    }),
  ),
  // What phones call a motion photo: a video behind the picture.
  still('motion.jpg', 'jpeg', async () =>
    Buffer.concat([await colour().jpeg().toBuffer(), coded('mp4', X264)]),
  ),
];
