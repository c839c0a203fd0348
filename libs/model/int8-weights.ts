import type { Checkpoint } from './checkpoint.js';
import { derivedWeights } from './derived-weights.js';
import { readFloats } from './float32-weights.js';
import { quantise, type QuantisedMatrix } from './quantise.js';
import type { NewTensor } from './safetensors-file.js';
import { encoderLinearLayers, tensorsOf, type VisionTransformer } from './vision-transformer.js';
import type { Weights } from './weights.js';

/** Names of a matrix's parts, after the name of its layer. */
export const QUANTISED = {
  values: '.weight.int8',
  scales: '.weight.int8_scale',
  restValues: '.weight.rest_int8',
  restScales: '.weight.rest_int8_scale',
} as const;

/**
 * The encoder's weight matrices in twice 8 bits, see {@link quantise}, all else in float32. A pure function of the
 * checkpoint: nothing is calibrated.
 */
export function int8Weights(
  checkpoint: Checkpoint,
  model: VisionTransformer,
  cacheDir: string,
): Promise<Weights> {
  const linear = new Set(encoderLinearLayers(model).map((name) => `${name}.weight`));
  return derivedWeights(checkpoint, 'int8x2-1', cacheDir, () =>
    tensorsOf(model).flatMap(({ name, shape }): NewTensor[] => {
      const [outputs = 0, inputs = 0] = shape;
      if (linear.has(name)) {
        const layer = name.slice(0, -'.weight'.length);
        return matrixParts(checkpoint, layer, outputs, inputs);
      }
      const bytes = async () => new Uint8Array((await readFloats(checkpoint, name)).buffer);
      return [{ name, dtype: 'F32', shape, bytes }];
    }),
  );
}

function matrixParts(
  checkpoint: Checkpoint,
  layer: string,
  outputs: number,
  inputs: number,
): NewTensor[] {
  // The parts are written one after the other; the matrix is quantised for the first and forgotten after the last.
  let quantised: QuantisedMatrix | null = null;
  const part = (
    of: keyof QuantisedMatrix,
    dtype: 'I8' | 'F32',
    shape: readonly number[],
    isLast: boolean,
  ): NewTensor => ({
    name: `${layer}${QUANTISED[of]}`,
    dtype,
    shape,
    bytes: async () => {
      quantised ??= quantise(await readFloats(checkpoint, `${layer}.weight`), outputs, inputs);
      const { buffer } = quantised[of];
      if (isLast) quantised = null;
      return new Uint8Array(buffer as ArrayBuffer);
    },
  });
  return [
    part('values', 'I8', [inputs, outputs], false),
    part('scales', 'F32', [outputs], false),
    part('restValues', 'I8', [inputs, outputs], false),
    part('restScales', 'F32', [outputs], true),
  ];
}
