import { open, type FileHandle } from 'node:fs/promises';

/** A track of an MP4 or QuickTime file, by what its index says. */
export interface TrackEntry {
  /** Handler: `vide`, `soun`, … */
  readonly handler: string;
  /** Type of the first sample entry: `avc1`, `encv`, … */
  readonly format: string;
  /** Scheme by which the samples are protected (`cenc`, `cbcs`, `itun`, …), where the entry names one. */
  readonly scheme: string | null;
}

interface Place {
  readonly type: string;
  /** Of the content, in bytes from the file's begin. */
  readonly from: number;
  readonly to: number;
}

/** A file's index has a handful; what has more was made to keep us busy. */
const MOST_BOXES = 5000;
/** As much of a sample entry as is looked at: its fields and what says how it is protected. */
const ENTRY_BYTES = 8192;

/**
 * Reads the tracks' sample entries (ISO/IEC 14496-12, 8.5.2). ffprobe does not tell them: it gives what was there before
 * the encryption. A file that is none, or is damaged, has as many as could be read up to there.
 */
export async function sampleEntries(file: string): Promise<readonly TrackEntry[]> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const index = await boxesIn(handle, { type: '', from: 0, to: size }, 'moov');
    const tracks: TrackEntry[] = [];
    for (const moov of index) {
      for (const track of await boxesIn(handle, moov, 'trak')) {
        const entry = await entryOf(handle, track);
        if (entry !== null) tracks.push(entry);
      }
    }
    return tracks;
  } finally {
    await handle.close();
  }
}

async function entryOf(handle: FileHandle, track: Place): Promise<TrackEntry | null> {
  const [media] = await boxesIn(handle, track, 'mdia');
  if (media === undefined) return null;
  const [kind] = await boxesIn(handle, media, 'hdlr');
  const [description] = await inside(handle, media, ['minf', 'stbl', 'stsd']);
  if (kind === undefined || description === undefined) return null;
  // Version, flags and a word before it; in the other version, flags and the entries' number.
  const handler = await read(handle, kind.from + 8, kind.to, 4);
  const entry = await read(handle, description.from + 8, description.to, ENTRY_BYTES);
  if (handler.length < 4 || entry.length < 8) return null;
  return {
    handler: handler.toString('latin1'),
    format: entry.toString('latin1', 4, 8),
    scheme: schemeIn(entry.subarray(0, entry.readUInt32BE(0))),
  };
}

/** Where the entry's own fields end differs by its kind, so that the box is looked for by its name. */
function schemeIn(entry: Buffer): string | null {
  const at = entry.indexOf('schm');
  return at < 0 || at + 12 > entry.length ? null : entry.toString('latin1', at + 8, at + 12);
}

async function inside(
  handle: FileHandle,
  parent: Place,
  path: readonly string[],
): Promise<readonly Place[]> {
  let places: readonly Place[] = [parent];
  for (const type of path) {
    const [first] = places;
    places = first === undefined ? [] : await boxesIn(handle, first, type);
  }
  return places;
}

/** The boxes of a type right in another box. */
async function boxesIn(
  handle: FileHandle,
  { from, to }: Place,
  type: string,
): Promise<readonly Place[]> {
  const found: Place[] = [];
  let at = from;
  for (let i = 0; i < MOST_BOXES && at + 8 <= to; i += 1) {
    const header = await read(handle, at, to, 16);
    if (header.length < 8) break;
    const short = header.readUInt32BE(0);
    const isLong = short === 1 && header.length === 16;
    const begin = at + (isLong ? 16 : 8);
    // 0 stands for all that is left.
    const size = isLong ? Number(header.readBigUInt64BE(8)) : short || to - at;
    const end = Math.min(at + size, to);
    if (end < begin) break;
    if (header.toString('latin1', 4, 8) === type) found.push({ type, from: begin, to: end });
    at = end;
  }
  return found;
}

async function read(handle: FileHandle, from: number, to: number, bytes: number): Promise<Buffer> {
  const length = Math.max(0, Math.min(bytes, to - from));
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, from);
  return buffer.subarray(0, bytesRead);
}
