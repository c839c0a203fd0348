/** What a safetensors file says of its tensors, by name. */
export type Header = Record<
  string,
  { dtype: string; shape: number[]; data_offsets: [number, number] }
>;

/** The header and, in place, the data of a safetensors file's bytes. */
export function readSafetensors(bytes: Buffer): { header: Header; data: Buffer } {
  const end = 8 + Number(bytes.readBigUInt64LE());
  const header = JSON.parse(bytes.subarray(8, end).toString()) as Header;
  delete header.__metadata__;
  return { header, data: bytes.subarray(end) };
}

/** A safetensors file of these bytes. */
export function safetensors(header: object, data: Uint8Array): Buffer {
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, data]);
}
