import { fileTypeFromBuffer } from 'file-type';

/** As many of a file's first bytes as are looked at. */
export const SIGNATURE_BYTES = 8192;

/** What a file's first bytes say it is. */
export interface Signature {
  /** Who can say more: the picture decoder, ffprobe, or nobody, as the format isn't taken or it is mere text. */
  readonly family: 'still' | 'stream' | 'refused' | 'text';
  /** File name extension usual for the format, or null where the format is unknown. */
  readonly extension: string | null;
  /** Internet media type of the format, such as `video/mp4`, or null where the format is unknown. */
  readonly mime: string | null;
  /** For messages, with its article. */
  readonly found: string;
}

const UNKNOWN = 'a file of unknown type';
const STILLS = new Set(['jpg', 'png', 'webp', 'avif', 'tif', 'gif', 'heic', 'bmp']);
/** Formats of sound and moving pictures whose media type doesn't begin with `video/` or `audio/`. */
const STREAMS = new Set(['apng', 'ogg', 'ogx', 'asf']);

/** @param head the file's first bytes, up to {@link SIGNATURE_BYTES} */
export async function signatureOf(head: Uint8Array): Promise<Signature> {
  // An odd header may break the recogniser off: then the format is unknown, and the decoders decide.
  const type = await fileTypeFromBuffer(head).catch(() => undefined);
  if (type !== undefined) {
    const { ext: extension, mime } = type;
    const found = `${mime.startsWith('a') || mime.startsWith('i') ? 'an' : 'a'} ${mime} file`;
    if (STILLS.has(extension)) return { family: 'still', extension, mime, found };
    const streams = /^(video|audio)\//.test(mime) || STREAMS.has(extension);
    if (streams) return { family: 'stream', extension, mime, found };
    // What an XML file is for says more than that it is one.
    return { family: 'refused', extension, mime, found: kindOfText(asText(head) ?? '') ?? found };
  }
  const text = asText(head);
  const unknown = { extension: null, mime: null };
  if (text === null) return { family: 'stream', ...unknown, found: UNKNOWN };
  const kind = kindOfText(text);
  if (kind !== null) return { family: 'refused', ...unknown, found: kind };
  return { family: 'text', ...unknown, found: `${UNKNOWN} that holds text` };
}

/** The bytes as text, or null where they aren't. */
function asText(head: Uint8Array): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true });
    // eslint-disable-next-line no-control-regex -- control characters are what tells binary data
    return /[\0-\x08\x0e-\x1a]/.test(text) ? null : text;
  } catch {
    return null;
  }
}

/** Texts that name media which lie elsewhere: HLS, ffmpeg's lists, SDP, DASH, Smooth Streaming, ASX, SMIL, XSPF, PLS. */
const PLAYLISTS =
  /^\uFEFF?\s*(#EXTM3U|ffconcat |v=0\r?\no=|\[playlist\])|<(MPD|SmoothStreamingMedia|asx|smil|playlist)[\s>]/i;

function kindOfText(text: string): string | null {
  if (/<svg[\s>]/i.test(text)) return 'an SVG drawing';
  if (PLAYLISTS.test(text)) return 'a playlist';
  if (/^\uFEFF?\s*(<!doctype html|<html)/i.test(text)) return 'a web page';
  return null;
}
