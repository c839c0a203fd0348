import { parseArchitecture } from './architectures/parse.js';
import { calibrate } from './calibration/calibration.js';
import { EquivalentWeights, type ReadTensor } from './calibration/equivalent-weights.js';
import { fedBackSteps } from './calibration/fed-back-steps.js';
import { FeedbackByLayer } from './calibration/feedback-by-layer.js';
import { LayersInOrder } from './calibration/layers-in-order.js';
import { withMatrixProduct } from './calibration/matrix-product.js';
import type { Checkpoint } from './checkpoint.js';
import { readFloats } from './float32-weights.js';
import type { ProcessorConfig } from './processor-config.js';
import { nearestSteps, QUANTISED, scalesOf, withRest, type QuantisedMatrix } from './quantise.js';
import { writeSafetensors, type NewTensor } from './safetensors-file.js';
import { encoderLinearLayers, tensorsOf, type NamedShape } from './vision-transformer.js';
import type { Weights } from './weights.js';

export interface Int8Task {
  readonly target: string;
  readonly checkpoint: Checkpoint;
  /** `config.json` */
  readonly config: Readonly<Record<string, unknown>>;
  readonly processor: ProcessorConfig;
  /** In float32. */
  readonly exact: Weights;
  readonly threads: number;
}

/**
 * Rounds the encoder's matrices so that the errors of a row make up for each other over what the layer gets to see. To the
 * nearest step they would add up over the tokens, which have much in common: most of an 8-bit model's error.
 */
export default async function writeInt8Weights(task: Int8Task): Promise<void> {
  const { target, checkpoint, config, processor, exact, threads } = task;
  const model = parseArchitecture(config);
  const linear = new Set(encoderLinearLayers(model).map((name) => `${name}.weight`));
  await withMatrixProduct(threads, async (product) => {
    const layers = new LayersInOrder(calibrate(model, processor, exact, threads));
    const equivalent = new EquivalentWeights(model, (name) => readFloats(checkpoint, name), layers);
    const feedback = new FeedbackByLayer(equivalent, product);
    const read = (name: string) => equivalent.read(name);
    const quantised = async (layer: string, outputs: number, inputs: number) => {
      const weights = await read(`${layer}.weight`);
      const matrix = { weights, outputs, inputs };
      const scales = scalesOf(matrix);
      const known = await feedback.of(layer);
      const steps =
        known === null
          ? nearestSteps(matrix, scales)
          : await fedBackSteps(matrix, scales, known, product);
      return withRest(matrix, scales, steps);
    };
    const tensors = tensorsOf(model).flatMap((tensor): NewTensor[] =>
      linear.has(tensor.name) ? matrixParts(tensor, quantised) : [floats(tensor, read)],
    );
    await writeSafetensors(target, tensors);
  });
}

function floats({ name, shape }: NamedShape, read: ReadTensor): NewTensor {
  const bytes = async () => new Uint8Array((await read(name)).buffer);
  return { name, dtype: 'F32', shape, bytes };
}

function matrixParts(
  { name, shape }: NamedShape,
  quantise: (layer: string, outputs: number, inputs: number) => Promise<QuantisedMatrix>,
): NewTensor[] {
  const layer = name.slice(0, -'.weight'.length);
  const [outputs = 0, inputs = 0] = shape;
  // The parts are written one after the other; the matrix is quantised for the first and forgotten after the last.
  let quantised: QuantisedMatrix | null = null;
  const part = (
    of: keyof QuantisedMatrix,
    dtype: 'I8' | 'F32',
    size: readonly number[],
    isLast = false,
  ): NewTensor => ({
    name: `${layer}${QUANTISED[of]}`,
    dtype,
    shape: size,
    bytes: async () => {
      quantised ??= await quantise(layer, outputs, inputs);
      const { buffer } = quantised[of];
      if (isLast) quantised = null;
      return new Uint8Array(buffer as ArrayBuffer);
    },
  });
  return [
    part('values', 'I8', [inputs, outputs]),
    part('scales', 'F32', [outputs]),
    part('restValues', 'I8', [inputs, outputs]),
    part('restScales', 'F32', [outputs], true),
  ];
}
