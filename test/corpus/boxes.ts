/** A box of an MP4, QuickTime or HEIF file: ISO/IEC 14496-12, 4.2. */
export interface Box {
  type: string;
  /** Of a container: what is in it, instead of `body`. */
  children: Box[] | null;
  body: Buffer;
}

const CONTAINERS = new Set(['moov', 'trak', 'mdia', 'minf', 'dinf', 'stbl', 'edts']);

export const box = (type: string, ...parts: (Uint8Array | string)[]): Buffer =>
  serialise([
    {
      type,
      children: null,
      body: Buffer.concat(parts.map((part) => Buffer.from(part as string))),
    },
  ]);

/** A box with version and flags. */
export const fullBox = (
  type: string,
  version: number,
  flags: number,
  ...parts: (Uint8Array | string)[]
): Buffer => box(type, u32((version << 24) | flags), ...parts);

export function parseBoxes(bytes: Uint8Array): Box[] {
  const data = Buffer.from(bytes);
  const boxes: Box[] = [];
  for (let at = 0; at + 8 <= data.length;) {
    const size = data.readUInt32BE(at) || data.length - at;
    const type = data.toString('latin1', at + 4, at + 8);
    const body = data.subarray(at + 8, at + size);
    boxes.push({ type, body, children: CONTAINERS.has(type) ? parseBoxes(body) : null });
    at += size;
  }
  return boxes;
}

export function serialise(boxes: readonly Box[]): Buffer {
  return Buffer.concat(
    boxes.flatMap(({ type, body, children }) => {
      const content = children === null ? body : serialise(children);
      return [u32(content.length + 8), Buffer.from(type, 'latin1'), content];
    }),
  );
}

/** All boxes of a type, wherever they are. */
export function findBoxes(boxes: readonly Box[], type: string): Box[] {
  return boxes.flatMap((each) => [
    ...(each.type === type ? [each] : []),
    ...findBoxes(each.children ?? [], type),
  ]);
}

/**
 * Changes boxes of a file whose samples come before its index, as ffmpeg writes it: their places stay what they were.
 * @throws Error when the file has no such box
 */
export function changeBoxes(
  bytes: Uint8Array,
  type: string,
  change: (found: Box) => void,
): Uint8Array {
  const boxes = parseBoxes(bytes);
  const found = findBoxes(boxes, type);
  if (found.length === 0) throw new Error(`expected a box ${type}, found none`);
  for (const each of found) change(each);
  return serialise(boxes);
}

export const u8 = (...values: readonly number[]): Buffer => Buffer.from(values);
export const u16 = (...values: readonly number[]): Buffer =>
  Buffer.concat(
    values.map((value) => {
      const bytes = Buffer.alloc(2);
      bytes.writeUInt16BE(value & 0xffff);
      return bytes;
    }),
  );
export const u32 = (...values: readonly number[]): Buffer =>
  Buffer.concat(
    values.map((value) => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(value >>> 0);
      return bytes;
    }),
  );
