import { MediaError } from './media-error.js';
import { sampleEntries } from './sample-entries.js';
import type { Signature } from './signature.js';

/** Sample entries whose real format is hidden in them: ISO/IEC 14496-12, 8.12, and Apple's FairPlay. */
const PROTECTED_VIDEO = new Set(['encv', 'drmi']);
const ISO_FILES = new Set(['mp4', 'mov', 'm4v', 'm4a', '3gp', '3g2', 'f4v', 'qt']);

/** Content Encryption Object and its extended form, as GUIDs lie in an ASF header: ASF specification, 3.14 and 3.15. */
const ASF_ENCRYPTION = ['fbb3112223bdd211b4b700a0c955fc6e', '14e68a292226174cb935dae07ee9289c'];

/**
 * Refuses a file whose header says that its pictures are encrypted: a decoder makes noise of them, or nothing.
 * @throws MediaError `media_encrypted`
 */
export async function refuseEncrypted(
  file: string,
  { extension, found }: Signature,
  head: Uint8Array,
): Promise<void> {
  if (ISO_FILES.has(extension ?? '')) {
    const videos = (await sampleEntries(file)).filter(({ handler }) => handler === 'vide');
    const [first] = videos;
    if (first !== undefined && videos.every(({ format }) => PROTECTED_VIDEO.has(format))) {
      throw encrypted(found, first.scheme ?? first.format);
    }
  }
  const bytes = Buffer.from(head);
  if (ASF_ENCRYPTION.some((guid) => bytes.includes(guid, 0, 'hex'))) {
    throw encrypted(found, 'Windows Media DRM');
  }
}

const PACKET_BYTES = 188;
const SYNC = 0x47;

/**
 * Whether a transport stream's first bytes are scrambled, as pay television is: `transport_scrambling_control` of
 * ISO/IEC 13818-1, 2.4.3.3, set in most packets that carry more than tables. Asked only where nothing could be read: damage
 * sets it too.
 */
export function isScrambled(head: Uint8Array): boolean {
  let carrying = 0;
  let scrambled = 0;
  for (let at = 0; at + PACKET_BYTES <= head.length; at += PACKET_BYTES) {
    const [sync = 0, high = 0, low = 0, control = 0] = head.subarray(at, at + 4);
    const packetId = ((high & 0x1f) << 8) | low;
    // Below are tables, above is stuffing.
    if (sync !== SYNC || packetId < 0x20 || packetId === 0x1fff) continue;
    carrying += 1;
    if (control >> 6 >= 2) scrambled += 1;
  }
  return scrambled > 0 && scrambled * 2 > carrying;
}

/**
 * @param found what the file is, with its article
 * @param scheme how it is encrypted
 */
export function encrypted(found: string, scheme: string): MediaError {
  // A scheme is a client's four bytes.
  const named = scheme.replace(/[^\w .-]/g, '?').slice(0, 40);
  return new MediaError(
    'media_encrypted',
    `Expected media without encryption, got ${found} whose pictures are encrypted (${named}). There are no keys here: send it decrypted, or another recording of it without copy protection.`,
    { details: { scheme: named } },
  );
}
