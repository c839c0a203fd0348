import { FloatProgram, type Floats } from '../float-program.js';
import type { ProcessorConfig } from '../processor-config.js';
import { tokensOf, type VisionTransformer } from '../vision-transformer.js';
import type { Weights } from '../weights.js';
import { embeddingGraph, HIDDEN, NEXT_HIDDEN, observedLayerGraph, PIXELS } from './layer-graphs.js';
import { calibrationPicture } from './pictures.js';

/** Enough that pictures which are not among them gain as much: with 16 they lost. */
const PICTURES = 48;
const BATCH = 4;

/** Second moments of a layer's inputs, `[inputs, inputs]`, by the names of the linear layers; layers share some. */
export type LayerMoments = ReadonlyMap<string, Float32Array>;

/**
 * What the linear layers of each encoder layer get to see, one encoder layer after the other: the calibration pictures go
 * through the model in float32, and wait before each layer.
 */
export async function* calibrate(
  model: VisionTransformer,
  processor: ProcessorConfig,
  weights: Weights,
  threads: number,
): AsyncGenerator<LayerMoments, void, undefined> {
  const open = (graph: Uint8Array) => FloatProgram.create(graph, weights.folder, threads);
  const { imageSize: size, hiddenSize } = model;
  const dims = [BATCH * tokensOf(model), hiddenSize];
  const batches: Floats[] = [];
  const embedding = await open(embeddingGraph(model, processor, weights));
  for (let first = 0; first < PICTURES; first += BATCH) {
    const pictures = Array.from({ length: BATCH }, (_, i) => calibrationPicture(first + i, size));
    const data = new Uint8Array(Buffer.concat(pictures));
    const outputs = await embedding.run({ [PIXELS]: { data, dims: [BATCH, size, size, 3] } });
    batches.push({ data: output(outputs, NEXT_HIDDEN), dims });
  }
  await embedding.release();
  for (let index = 0; index < model.layers; index += 1) {
    const { graph, momentsOf } = observedLayerGraph(model, index, weights);
    const layer = await open(graph);
    const sums = new Map<string, Float32Array>();
    for (const [at, hidden] of batches.entries()) {
      const outputs = await layer.run({ [HIDDEN]: hidden });
      batches[at] = { data: output(outputs, NEXT_HIDDEN), dims };
      for (const name of new Set(momentsOf.values())) {
        const sum = sums.get(name);
        if (sum === undefined) sums.set(name, output(outputs, name));
        else addTo(sum, output(outputs, name));
      }
    }
    await layer.release();
    yield new Map(Array.from(momentsOf, ([layer, name]) => [layer, output(sums, name)]));
  }
}

function addTo(sum: Float32Array, more: Float32Array): void {
  for (let i = 0; i < sum.length; i += 1) sum[i] = (sum[i] as number) + (more[i] as number);
}

function output(outputs: ReadonlyMap<string, Float32Array>, name: string): Float32Array {
  const data = outputs.get(name);
  if (data === undefined) throw new Error(`expected the output ${name}`);
  return data;
}
