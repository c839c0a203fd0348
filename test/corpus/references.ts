import { box, changeBoxes, fullBox, u16, u32 } from './boxes.js';
import { refused, type CorpusFile } from './corpus-file.js';
import { changeElement, element } from './ebml.js';
import { coded } from './encoded.js';
import type { Lure } from './lure.js';
import { steady, X264 } from './videos.js';

/** Names another file or server in the place where a QuickTime file says where its samples are. */
const elsewhere = (name: string, reference: Buffer): CorpusFile['bytes'] => {
  return () =>
    changeBoxes(coded('mov', X264), name, (found) => {
      found.body = Buffer.concat([u32(0, 1), reference]);
    });
};
const url = (to: string) => fullBox('url ', 0, 0, `${to}\0`);
const alias = (to: string) =>
  fullBox('alis', 0, 0, Buffer.concat([Buffer.alloc(150), u16(2, to.length), Buffer.from(to)]));

const referenceMovie = (to: string): CorpusFile['bytes'] => {
  const reference = Buffer.concat([
    ...[u32(0), Buffer.from('url '), u32(to.length + 1), Buffer.from(`${to}\0`)],
  ]);
  return () =>
    Buffer.concat([
      box('ftyp', 'qt  ', u32(0), 'qt  '),
      box('moov', box('rmra', box('rmda', box('rdrf', reference)))),
    ]);
};

/** Media that name another file or server by their container's own means. */
export const references = ({ file, server }: Lure): readonly CorpusFile[] => [
  {
    // ffmpeg knows no such place, and reads the samples from where they are.
    name: 'data-elsewhere.mov',
    bytes: elsewhere('dref', url(`file://${file}`)),
    expected: steady(),
  },
  { name: 'data-on-server.mov', bytes: elsewhere('dref', url(server)), expected: steady() },
  {
    name: 'data-beside.mov',
    bytes: elsewhere('dref', alias(file)),
    expected: refused('media_no_frames'),
  },
  {
    name: 'reference-movie.mov',
    bytes: referenceMovie(`file://${file}`),
    expected: refused('media_unreadable'),
  },
  {
    name: 'reference-movie-on-server.mov',
    bytes: referenceMovie(`${server}/movie.mov`),
    expected: refused('media_unreadable'),
  },
  {
    // Goes on in another file, as Matroska calls it.
    name: 'linked.mkv',
    bytes: () =>
      changeElement(coded('mkv', X264), '1549a966', (content) =>
        Buffer.concat([
          ...[element('3eb923', Buffer.alloc(16, 7)), element('3e83bb', Buffer.from(file))],
          content,
        ]),
      ),
    expected: steady(),
  },
];
