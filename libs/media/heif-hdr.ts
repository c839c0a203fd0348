import { open, type FileHandle } from 'node:fs/promises';
import { boxesIn, inside, readIn, type Place } from './boxes.js';
import type { Hdr } from './hdr.js';

/** Associations of all items in a picture of many tiles. */
const ASSOCIATION_BYTES = 262_144;
/** Version and flags, with which some boxes begin. */
const FULL = 4;

/**
 * How the main picture of a HEIC or AVIF tells brightness beyond a display's white, by its colour property (`nclx`,
 * ISO/IEC 23008-12, 6.5.5); null where there is none. A file that is none, or is damaged, has none: whoever decodes it says so.
 */
export async function heifHdr(file: string): Promise<Hdr | null> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const [box] = await boxesIn(handle, { type: '', from: 0, to: size }, 'meta');
    if (box === undefined) return null;
    const meta = { ...box, from: box.from + FULL };
    const main = await mainItem(handle, meta);
    const [container] = await inside(handle, meta, ['iprp', 'ipco']);
    const [associations] = await inside(handle, meta, ['iprp', 'ipma']);
    if (main === null || container === undefined || associations === undefined) return null;
    const properties = await boxesIn(handle, container);
    const bytes = await readIn(handle, associations.from, associations.to, ASSOCIATION_BYTES);
    for (const number of propertiesOf(main, bytes)) {
      const property = properties[number - 1];
      if (property?.type !== 'colr') continue;
      const colour = await readIn(handle, property.from, property.to, 8);
      if (colour.length === 8 && colour.toString('latin1', 0, 4) === 'nclx')
        return transferOf(colour.readUInt16BE(6));
    }
    return null;
  } finally {
    await handle.close();
  }
}

/** Code points of ITU-T H.273. */
function transferOf(code: number): Hdr | null {
  if (code === 16) return 'pq';
  return code === 18 ? 'hlg' : null;
}

async function mainItem(handle: FileHandle, meta: Place): Promise<number | null> {
  const [box] = await boxesIn(handle, meta, 'pitm');
  if (box === undefined) return null;
  const bytes = await readIn(handle, box.from, box.to, FULL + 4);
  const isWide = bytes[0] !== 0;
  if (bytes.length < FULL + (isWide ? 4 : 2)) return null;
  return isWide ? bytes.readUInt32BE(FULL) : bytes.readUInt16BE(FULL);
}

/** Numbers, from 1, of an item's properties (`ipma`, ISO/IEC 23008-12, 9.3.2). */
function propertiesOf(item: number, bytes: Buffer): readonly number[] {
  if (bytes.length < FULL + 4) return [];
  const idBytes = bytes[0] === 0 ? 2 : 4;
  const numberBytes = ((bytes[3] ?? 0) & 1) === 0 ? 1 : 2;
  const count = bytes.readUInt32BE(FULL);
  let at = FULL + 4;
  for (let i = 0; i < count && at + idBytes < bytes.length; i += 1) {
    const id = bytes.readUIntBE(at, idBytes);
    const numbers = bytes[at + idBytes] ?? 0;
    const from = at + idBytes + 1;
    at = from + numbers * numberBytes;
    if (id !== item || at > bytes.length) continue;
    // The highest bit says whether it may be passed over.
    const mask = numberBytes === 1 ? 0x7f : 0x7fff;
    return Array.from({ length: numbers }, (_, k) => {
      return bytes.readUIntBE(from + k * numberBytes, numberBytes) & mask;
    });
  }
  return [];
}
