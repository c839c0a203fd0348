/** Where an element of Matroska lies: its ID from `at`, its content from `from` to `to`. */
export interface Place {
  readonly at: number;
  readonly from: number;
  readonly to: number;
}

const id = (hex: string) => Buffer.from(hex, 'hex');
const CHECKSUM = 0xbf;
const CHECKSUM_BYTES = 6;

/** An element with a size of 8 bytes: RFC 8794. */
export function element(hexId: string, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const size = Buffer.alloc(8);
  size.writeUInt32BE(body.length, 4);
  size[0] = 1;
  return Buffer.concat([id(hexId), size, body]);
}

export function elementAt(file: Buffer, at: number, idBytes: number): Place {
  const [size, width] = sizeAt(file, at + idBytes);
  const from = at + idBytes + width;
  return { at, from, to: from + Number(size) };
}

/**
 * Changes the content of an element right in the segment; without its checksum, which would be wrong.
 * @param hexId of 4 bytes; of several the last is taken, as the segment's index names all of them before
 */
export function changeElement(
  bytes: Uint8Array,
  hexId: string,
  change: (content: Buffer) => Uint8Array,
): Buffer {
  const file = Buffer.from(bytes);
  const { at, from, to } = elementAt(file, file.lastIndexOf(id(hexId)), 4);
  const content = file.subarray(file[from] === CHECKSUM ? from + CHECKSUM_BYTES : from, to);
  const changed = element(hexId, change(content));
  const out = Buffer.concat([file.subarray(0, at), changed, file.subarray(to)]);
  const segment = file.indexOf(id('18538067'));
  return withSize(out, segment + 4, (size) => size + out.length - file.length);
}

/** The size of an element and how many bytes tell it: RFC 8794, 4. */
function sizeAt(file: Buffer, at: number): readonly [size: bigint, width: number] {
  const first = file[at] ?? 0;
  const width = Math.clz32(first) - 23;
  let size = BigInt(first & (0xff >> width));
  for (let i = 1; i < width; i += 1) size = (size << 8n) | BigInt(file[at + i] ?? 0);
  return [size, width];
}

function withSize(file: Buffer, at: number, change: (size: number) => number): Buffer {
  const [size, width] = sizeAt(file, at);
  const isUnknown = size === (1n << BigInt(7 * width)) - 1n;
  if (isUnknown) return file;
  const changed = BigInt(change(Number(size)));
  const out = Buffer.from(file);
  for (let i = 0; i < width; i += 1) {
    out[at + width - 1 - i] = Number((changed >> BigInt(8 * i)) & 0xffn);
  }
  out[at] = (out[at] ?? 0) | (0x100 >> width);
  if (sizeAt(out, at)[0] !== changed) throw new Error(`no room for a size in ${width} bytes`);
  return out;
}
