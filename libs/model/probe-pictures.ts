import { xorshift } from './xorshift.js';

/** How many pictures a precision is tried with. */
export const PROBE_PICTURES = 16;

/**
 * A picture that a precision is tried with: clouds of colour from coarse to fine, with noise from none to strong, some of
 * them dark or pale. Made by arithmetic on whole numbers, so that it is the same everywhere.
 *
 * @param index 0..{@link PROBE_PICTURES} − 1 @param size side in pixels
 * @returns RGB, `size · size · 3` bytes
 */
export function probePicture(index: number, size: number): Uint8Array {
  const cells = [2, 4, 7, 14][index % 4] ?? 2;
  const noise = [0, 12, 40, 90][Math.floor(index / 4) % 4] ?? 0;
  const brightness = [0, 60, -60][index % 3] ?? 0;
  const random = xorshift(index + 1);
  const lattice = Array.from({ length: (cells + 1) ** 2 * 3 }, () => random() % 256);
  const pixels = new Uint8Array(size * size * 3);
  let at = 0;
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) {
      for (let channel = 0; channel < 3; channel += 1) {
        const cloud = interpolate(lattice, cells, (x * cells) / size, (y * cells) / size, channel);
        const grain = noise === 0 ? 0 : (random() % (2 * noise + 1)) - noise;
        pixels[at++] = Math.max(0, Math.min(255, Math.round(cloud + grain + brightness)));
      }
    }
  }
  return pixels;
}

/** What a session is first given: none of its weights can hide from a picture with something of everything. */
export function warmUpPicture(size: number): Uint8Array {
  return probePicture(5, size);
}

/**
 * Bilinear between the lattice's points. Without arrays or functions of its own: hundreds of thousands of them for a picture
 * would be megabytes of garbage, which stay with a thread that does little else afterwards.
 */
function interpolate(
  lattice: readonly number[],
  cells: number,
  x: number,
  y: number,
  channel: number,
): number {
  const left = Math.floor(x);
  const top = Math.floor(y);
  const right = x - left;
  const down = y - top;
  const row = (cells + 1) * 3;
  const at = top * row + left * 3 + channel;
  const upper = (lattice[at] ?? 0) * (1 - right) + (lattice[at + 3] ?? 0) * right;
  const lower = (lattice[at + row] ?? 0) * (1 - right) + (lattice[at + row + 3] ?? 0) * right;
  return upper * (1 - down) + lower * down;
}
