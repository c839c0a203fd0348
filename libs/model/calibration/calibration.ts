import { FloatProgram, type Floats } from '../float-program.js';
import { normalisationTable, normalise } from '../normalise.js';
import type { ProcessorConfig } from '../processor-config.js';
import { tokensOf, type VisionTransformer } from '../vision-transformer.js';
import type { Weights } from '../weights.js';
import {
  embeddingGraph,
  HIDDEN,
  NEXT_HIDDEN,
  observedLayerGraph,
  PIXELS,
  type ObservedLayer,
} from './layer-graphs.js';
import { calibrationPicture } from './pictures.js';

/** Enough that pictures which are not among them gain as much: with 16 they lost. */
const PICTURES = 48;
const BATCH = 4;

/** What a linear layer got to see. */
export interface InputStatistics {
  /** `[inputs, inputs]`: second moments of the tokens' distances from the mean of their picture. */
  readonly moments: Float32Array;
  /** `[inputs]`: over all tokens of all pictures. */
  readonly mean: Float32Array;
}

/** By the names of the linear layers of one encoder layer; those with the same input share theirs. */
export type LayerInputs = ReadonlyMap<string, InputStatistics>;

/**
 * What the linear layers of each encoder layer get to see, one encoder layer after the other: the calibration pictures go
 * through the model in float32, and wait before each layer.
 */
export async function* calibrate(
  model: VisionTransformer,
  processor: ProcessorConfig,
  weights: Weights,
  threads: number,
): AsyncGenerator<LayerInputs, void, undefined> {
  const open = (graph: Uint8Array) => FloatProgram.create(graph, weights.folder, threads);
  const { imageSize: size, hiddenSize } = model;
  const dims = [BATCH * tokensOf(model), hiddenSize];
  const table = normalisationTable(processor);
  const batches: Floats[] = [];
  const embedding = await open(embeddingGraph(model, weights));
  for (let first = 0; first < PICTURES; first += BATCH) {
    const pictures = Array.from({ length: BATCH }, (_, i) => calibrationPicture(first + i, size));
    const data = normalise(Buffer.concat(pictures), table);
    const outputs = await embedding.run({ [PIXELS]: { data, dims: [BATCH, size, size, 3] } });
    batches.push({ data: output(outputs, NEXT_HIDDEN), dims });
  }
  await embedding.release();
  for (let index = 0; index < model.layers; index += 1) {
    const { graph, observed } = observedLayerGraph(model, index, weights);
    const layer = await open(graph);
    const sums = new Map<string, Float32Array>();
    for (const [at, hidden] of batches.entries()) {
      const outputs = await layer.run({ [HIDDEN]: hidden });
      batches[at] = { data: output(outputs, NEXT_HIDDEN), dims };
      for (const name of new Set(
        [...observed.values()].flatMap(({ moments, mean }) => [moments, mean]),
      )) {
        const sum = sums.get(name);
        if (sum === undefined) sums.set(name, output(outputs, name));
        else addTo(sum, output(outputs, name));
      }
    }
    await layer.release();
    yield statisticsOf(observed, sums, batches.length);
  }
}

/** @param sums of the outputs over `batches` */
function statisticsOf(
  observed: ObservedLayer['observed'],
  sums: ReadonlyMap<string, Float32Array>,
  batches: number,
): LayerInputs {
  const byInput = new Map<string, InputStatistics>();
  for (const { moments, mean } of observed.values()) {
    byInput.set(moments, {
      moments: output(sums, moments),
      mean: output(sums, mean).map((sum) => sum / batches),
    });
  }
  return new Map(
    Array.from(observed, ([layer, { moments }]) => [
      layer,
      byInput.get(moments) as InputStatistics,
    ]),
  );
}

function addTo(sum: Float32Array, more: Float32Array): void {
  for (let i = 0; i < sum.length; i += 1) sum[i] = (sum[i] as number) + (more[i] as number);
}

function output(outputs: ReadonlyMap<string, Float32Array>, name: string): Float32Array {
  const data = outputs.get(name);
  if (data === undefined) throw new Error(`expected the output ${name}`);
  return data;
}
