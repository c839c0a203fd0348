import type { ProcessorConfig } from './processor-config.js';

/**
 * What each byte becomes: 256 values a channel, the value of byte `b` in channel `c` at `c · 256 + b`, computed in the steps and
 * precisions of transformers' Pillow image processor.
 */
export function normalisationTable({ rescaleFactor, mean, std }: ProcessorConfig): Float32Array {
  const table = new Float32Array(3 * 256);
  mean.forEach((centre, channel) => {
    const spread = Math.fround(std[channel] ?? 1);
    for (let byte = 0; byte < 256; byte += 1) {
      const rescaled = Math.fround(byte * rescaleFactor);
      table[channel * 256 + byte] = Math.fround(
        Math.fround(rescaled - Math.fround(centre)) / spread,
      );
    }
  });
  return table;
}

/**
 * @param pixels RGB @param table as {@link normalisationTable} has it @param values where to put them, new memory unless given
 * @returns as many values, in the same order
 */
export function normalise(
  pixels: Uint8Array,
  table: Float32Array,
  values = new Float32Array(pixels.length),
): Float32Array {
  for (let i = 0; i < pixels.length; i += 3) {
    values[i] = table[pixels[i] as number] as number;
    values[i + 1] = table[256 + (pixels[i + 1] as number)] as number;
    values[i + 2] = table[512 + (pixels[i + 2] as number)] as number;
  }
  return values;
}
