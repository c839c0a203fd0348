import { changeBoxes, u8 } from './boxes.js';
import { refused, type CorpusFile } from './corpus-file.js';
import { changeElement, element, elementAt } from './ebml.js';
import { coded } from './encoded.js';
import { steady, X264 } from './videos.js';

const KEY = '00112233445566778899aabbccddeeff';
const CENC = [
  ...['-encryption_scheme', 'cenc-aes-ctr'],
  ...['-encryption_key', KEY, '-encryption_kid', KEY],
];

const protectedFile = (name: string, bytes: CorpusFile['bytes'], says: string): CorpusFile => ({
  name,
  bytes,
  expected: refused('media_encrypted', says),
});

/** Media that only who has a key can see. */
export const encryptedFiles: readonly CorpusFile[] = [
  protectedFile('encrypted.mp4', () => coded('mp4', [...X264, ...CENC]), 'encrypted (cenc)'),
  protectedFile(
    'encrypted-index-first.mp4',
    () => coded('mp4', [...X264, ...CENC, '-movflags', '+faststart']),
    'encrypted (cenc)',
  ),
  protectedFile(
    'encrypted-fragments.mp4',
    () => coded('mp4', [...X264, ...CENC, '-movflags', '+frag_keyframe+empty_moov']),
    'encrypted (cenc)',
  ),
  protectedFile(
    'encrypted-with-sound.mov',
    () => {
      const sound = ['-f', 'lavfi', '-i', 'sine=d=2', '-map', '1:a', '-map', '0:v', '-c:a', 'aac'];
      return coded('mp4', [...sound, ...X264, ...CENC]);
    },
    'encrypted (cenc)',
  ),
  protectedFile(
    // As the iTunes store sold them.
    'fairplay.mp4',
    () =>
      changeBoxes(coded('mp4', X264), 'stsd', ({ body }) => {
        body.write('drmi', body.indexOf('avc1'), 'latin1');
      }),
    'encrypted (drmi)',
  ),
  protectedFile(
    'encrypted.webm',
    () => withKeyId(coded('webm', ['-c:v', 'libvpx', '-deadline', 'realtime'])),
    'with a key of its container',
  ),
  protectedFile(
    'encrypted.mkv',
    () => withKeyId(coded('mkv', X264)),
    'with a key of its container',
  ),
  protectedFile('encrypted.asf', () => withDrmHeader(coded('asf', ['-c:v', 'wmv2'])), 'DRM'),
  protectedFile('scrambled.ts', () => scrambled(coded('ts', X264)), 'scrambled'),
  {
    // Only the sound is: what is to be judged can be seen.
    name: 'encrypted-sound.mp4',
    bytes: () => {
      const sound = ['-f', 'lavfi', '-i', 'sine=d=2', '-map', '0:v', '-map', '1:a', '-c:a', 'aac'];
      return changeBoxes(coded('mp4', [...sound, ...X264]), 'stsd', ({ body }) => {
        const at = body.indexOf('mp4a');
        if (at === 12) body.write('enca', at, 'latin1');
      });
    },
    expected: steady(),
  },
];

const id = (hex: string) => Buffer.from(hex, 'hex');

/** A Matroska file whose first track is said to be encrypted. */
function withKeyId(bytes: Uint8Array): Uint8Array {
  // ContentEncodings > ContentEncoding > type 1, ContentEncryption > AES, key.
  const encodings = element(
    '6d80',
    element(
      '6240',
      element('5033', u8(1)),
      element('5035', element('47e1', u8(5)), element('47e2', id(KEY))),
    ),
  );
  return changeElement(bytes, '1654ae6b', (tracks) => {
    const { from, to } = elementAt(tracks, 0, 1);
    return Buffer.concat([
      element('ae', encodings, tracks.subarray(from, to)),
      tracks.subarray(to),
    ]);
  });
}

/** An ASF file with a Content Encryption Object in its header. */
function withDrmHeader(bytes: Uint8Array): Uint8Array {
  const file = Buffer.from(bytes);
  const object = Buffer.alloc(40);
  id('fbb3112223bdd211b4b700a0c955fc6e').copy(object);
  object.writeBigUInt64LE(BigInt(object.length), 16);
  // The header's GUID, its size, the number of its objects and two reserved bytes.
  file.writeBigUInt64LE(file.readBigUInt64LE(16) + BigInt(object.length), 16);
  file.writeUInt32LE(file.readUInt32LE(24) + 1, 24);
  return Buffer.concat([file.subarray(0, 30), object, file.subarray(30)]);
}

/** A transport stream whose pictures are noise under the sign of the even key. */
function scrambled(bytes: Uint8Array): Uint8Array {
  const file = Buffer.from(bytes);
  for (let at = 0; at + 188 <= file.length; at += 188) {
    const packetId = file.readUInt16BE(at + 1) & 0x1fff;
    if (packetId !== 0x100) continue;
    const control = file[at + 3] ?? 0;
    file[at + 3] = control | 0x80;
    const hasAdaptation = (control & 0x20) !== 0;
    const payload = at + 4 + (hasAdaptation ? 1 + (file[at + 4] ?? 0) : 0);
    for (let i = payload; i < at + 188; i += 1) file[i] = (file[i] ?? 0) ^ ((i * 197 + 91) & 0xff);
  }
  return file;
}
