import { xorshiftParts } from '../xorshift.js';

/** Side of the coarsest clouds' lattice; each further one is twice as fine. */
const COARSEST = 2;
const OCTAVES = 7;

/**
 * A picture that weights are rounded with the help of: clouds of falling strength from coarse to fine, as photographs have
 * it, from grey to colourful, from flat to hard, from dark to pale, with noise or without. Only sums, products and
 * divisions of 64-bit floats, so that it is the same everywhere.
 *
 * @param index which one, from 0 @param size side in pixels
 * @returns RGB, `size · size · 3` bytes
 */
export function calibrationPicture(index: number, size: number): Uint8Array {
  const random = xorshiftParts(index + 1);
  const between = (low: number, high: number) => low + (high - low) * random();
  const decay = between(0.35, 0.85);
  const greyness = random();
  const contrast = between(15, 100);
  const brightness = between(40, 210);
  const tint = [between(-40, 40), between(-40, 40), between(-40, 40)];
  const noise = random() < 0.7 ? between(0, 50) : 0;

  const clouds = new Float64Array(size * size * 3);
  let strength = 1;
  for (let octave = 0; octave < OCTAVES; octave += 1) {
    addCloud(clouds, size, COARSEST * 2 ** octave, strength, random);
    strength *= decay;
  }
  for (let i = 0; i < clouds.length; i += 3) {
    const [r, g, b] = clouds.subarray(i, i + 3) as unknown as [number, number, number];
    const grey = ((r + g + b) / 3) * greyness;
    clouds[i] = r * (1 - greyness) + grey;
    clouds[i + 1] = g * (1 - greyness) + grey;
    clouds[i + 2] = b * (1 - greyness) + grey;
  }
  const meanSquare = clouds.reduce((sum, value) => sum + value * value, 0) / clouds.length;
  const gain = contrast / Math.sqrt(meanSquare);
  return Uint8Array.from(clouds, (value, i) => {
    const level = brightness + (tint[i % 3] as number) + gain * value + noise * (2 * random() - 1);
    return Math.max(0, Math.min(255, Math.round(level)));
  });
}

/** A random lattice, bilinear between its points. */
function addCloud(
  clouds: Float64Array,
  size: number,
  cells: number,
  strength: number,
  random: () => number,
): void {
  const stride = (cells + 1) * 3;
  const lattice = Float64Array.from({ length: (cells + 1) * stride }, () => 2 * random() - 1);
  for (let y = 0; y < size; y += 1) {
    const top = Math.floor((y * cells) / size);
    const down = (y * cells) / size - top;
    for (let x = 0; x < size; x += 1) {
      const left = Math.floor((x * cells) / size);
      const right = (x * cells) / size - left;
      for (let channel = 0; channel < 3; channel += 1) {
        const at = top * stride + left * 3 + channel;
        const upper = (lattice[at] as number) * (1 - right) + (lattice[at + 3] as number) * right;
        const below = at + stride;
        const lower =
          (lattice[below] as number) * (1 - right) + (lattice[below + 3] as number) * right;
        const to = (y * size + x) * 3 + channel;
        clouds[to] = (clouds[to] as number) + strength * (upper * (1 - down) + lower * down);
      }
    }
  }
}
