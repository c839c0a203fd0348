/** Whether a number's first byte in memory is its lowest: else pixels can't be handled four at a time. */
const LITTLE_ENDIAN = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;
const OPAQUE = 0xff000000;

/**
 * Writes RGB as RGBA with an alpha of 255. Four pixels at a time where memory lies so that it can be: a third of the time.
 *
 * @param rgb 3 bytes a pixel
 * @param rgba 4 bytes for each pixel of `rgb`
 * @throws RangeError when the sizes don't fit together
 */
export function withAlpha(rgb: Uint8Array, rgba: Uint8Array): void {
  const pixels = rgb.length / 3;
  if (!Number.isInteger(pixels) || rgba.length !== pixels * 4) {
    throw new RangeError(`expected room for ${pixels * 4} bytes, got ${rgba.length}`);
  }
  const isAligned = LITTLE_ENDIAN && rgb.byteOffset % 4 === 0 && rgba.byteOffset % 4 === 0;
  const fours = isAligned ? Math.floor(pixels / 4) : 0;
  const from = new Uint32Array(rgb.buffer, isAligned ? rgb.byteOffset : 0, fours * 3);
  const to = new Uint32Array(rgba.buffer, isAligned ? rgba.byteOffset : 0, fours * 4);
  for (let i = 0, at = 0; i < from.length; i += 3, at += 4) {
    const a = from[i] ?? 0;
    const b = from[i + 1] ?? 0;
    const c = from[i + 2] ?? 0;
    to[at] = a | OPAQUE;
    to[at + 1] = (a >>> 24) | (b << 8) | OPAQUE;
    to[at + 2] = (b >>> 16) | (c << 16) | OPAQUE;
    to[at + 3] = (c >>> 8) | OPAQUE;
  }
  for (let pixel = fours * 4; pixel < pixels; pixel += 1) {
    for (let channel = 0; channel < 3; channel += 1)
      rgba[pixel * 4 + channel] = rgb[pixel * 3 + channel] ?? 0;
    rgba[pixel * 4 + 3] = 255;
  }
}
