import type { FileHandle } from 'node:fs/promises';

/** Where a box of an MP4, QuickTime or HEIF file lies (ISO/IEC 14496-12, 4.2). */
export interface Place {
  readonly type: string;
  /** Of the content, in bytes from the file's begin. */
  readonly from: number;
  readonly to: number;
}

/** A file's index has a handful; what has more was made to keep us busy. */
const MOST_BOXES = 5000;

/** The boxes at the end of a path of types, by the first of each on the way. */
export async function inside(
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

/** The boxes right in another box: of a type, or all of them. */
export async function boxesIn(
  handle: FileHandle,
  { from, to }: Place,
  type?: string,
): Promise<readonly Place[]> {
  const found: Place[] = [];
  let at = from;
  for (let i = 0; i < MOST_BOXES && at + 8 <= to; i += 1) {
    const header = await readIn(handle, at, to, 16);
    if (header.length < 8) break;
    const short = header.readUInt32BE(0);
    const isLong = short === 1 && header.length === 16;
    const begin = at + (isLong ? 16 : 8);
    // 0 stands for all that is left.
    const size = isLong ? Number(header.readBigUInt64BE(8)) : short || to - at;
    const end = Math.min(at + size, to);
    if (end < begin) break;
    const name = header.toString('latin1', 4, 8);
    if (type === undefined || type === name) found.push({ type: name, from: begin, to: end });
    at = end;
  }
  return found;
}

/** At most that many bytes from a place on, and none beyond its end. */
export async function readIn(
  handle: FileHandle,
  from: number,
  to: number,
  bytes: number,
): Promise<Buffer> {
  const length = Math.max(0, Math.min(bytes, to - from));
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, from);
  return buffer.subarray(0, bytesRead);
}
