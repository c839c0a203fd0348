/** The same video as another file, with a hash of its own: players skip the box at its end. */
export function distinctVideo(video: Buffer, name: string): Uint8Array<ArrayBuffer> {
  const size = Buffer.alloc(4);
  size.writeUInt32BE(8 + name.length);
  return new Uint8Array(Buffer.concat([video, size, Buffer.from('free'), Buffer.from(name)]));
}
