import { open, type FileHandle } from 'node:fs/promises';
import { boxesIn, inside, readIn, type Place } from './boxes.js';

/** A track of an MP4 or QuickTime file, by what its index says. */
export interface TrackEntry {
  /** Handler: `vide`, `soun`, … */
  readonly handler: string;
  /** Type of the first sample entry: `avc1`, `encv`, … */
  readonly format: string;
  /** Scheme by which the samples are protected (`cenc`, `cbcs`, `itun`, …), where the entry names one. */
  readonly scheme: string | null;
}

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
  const handler = await readIn(handle, kind.from + 8, kind.to, 4);
  const entry = await readIn(handle, description.from + 8, description.to, ENTRY_BYTES);
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
