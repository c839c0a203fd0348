import { cpuFloat32 } from '../onnx/float-numerics.js';
import { embed, encoderLayer } from '../onnx/encoder.js';
import { Graph } from '../onnx/graph.js';
import { normalise } from '../onnx/normalise.js';
import type { LinearLayer, Numerics } from '../onnx/numerics.js';
import type { ProcessorConfig } from '../processor-config.js';
import { gridOf, tokensOf, type VisionTransformer } from '../vision-transformer.js';
import type { Weights } from '../weights.js';

export const PIXELS = 'pixels';
export const HIDDEN = 'hidden';
export const NEXT_HIDDEN = 'next_hidden';

/** Pictures `[batch, size, size, 3]` to what the first encoder layer gets, `[batch · tokens, hiddenSize]`. */
export function embeddingGraph(
  model: VisionTransformer,
  processor: ProcessorConfig,
  weights: Weights,
): Uint8Array {
  const graph = new Graph(weights);
  const { imageSize, hiddenSize } = model;
  const builder = { graph, model, numerics: cpuFloat32 };
  graph.reshape(embed(builder, normalise(graph, PIXELS, processor)), [-1, hiddenSize]);
  return graph.encode(
    { name: PIXELS, type: 'uint8', dims: ['batch', imageSize, imageSize, 3] },
    { name: NEXT_HIDDEN, dims: ['rows', hiddenSize] },
  );
}

/** An encoder layer that also tells of its linear layers' inputs. */
export interface ObservedLayer {
  readonly graph: Uint8Array;
  /** Output with the inputs' second moments, `[inputs, inputs]`, by the name of the linear layer. */
  readonly momentsOf: ReadonlyMap<string, string>;
}

/**
 * One encoder layer in float32, from `[batch · tokens, hiddenSize]` to the same, and for each input of its linear layers
 * the sum of d · dᵀ, where d is how far a token is from the mean of its picture: the mean is computed in 16 bits.
 */
export function observedLayerGraph(
  model: VisionTransformer,
  index: number,
  weights: Weights,
): ObservedLayer {
  const graph = new Graph(weights);
  const outputs = new Map<string, number>();
  const momentsOf = new Map<string, string>();
  const numerics: Numerics = {
    ...cpuFloat32,
    linear: (_, input, layer) => {
      const moments = momentsAt(graph, model, input, layer);
      outputs.set(moments, layer.inputs);
      momentsOf.set(layer.name, moments);
      return cpuFloat32.linear(graph, input, layer);
    },
  };
  encoderLayer({ graph, model, numerics }, index, HIDDEN);
  const dims = ['rows', model.hiddenSize];
  return {
    graph: graph.encode(
      { name: HIDDEN, type: 'float32', dims },
      { name: NEXT_HIDDEN, dims },
      Array.from(outputs, ([name, inputs]) => ({ name, dims: [inputs, inputs] })),
    ),
    momentsOf,
  };
}

function momentsAt(
  graph: Graph,
  model: VisionTransformer,
  input: string,
  { inputs }: LinearLayer,
): string {
  const [moments] = graph.once(`moments of ${input}`, () => {
    const tokens = tokensOf(model);
    const axis = graph.constant('token_axis', BigInt64Array.of(1n), [1]);
    const sequence = graph.reshape(input, [-1, tokens, inputs]);
    const mean = graph.add('ReduceMean', [sequence, axis], { keepdims: 1 });
    const distance = graph.add('Sub', [sequence, mean]);
    const some = graph.add('Slice', [
      distance,
      graph.constant('first', BigInt64Array.of(0n), [1]),
      graph.constant('end', BigInt64Array.of(BigInt(tokens)), [1]),
      axis,
      graph.constant('step', BigInt64Array.of(BigInt(tokenStep(gridOf(model)))), [1]),
    ]);
    const rows = graph.reshape(some, [-1, inputs]);
    return [graph.add('Gemm', [rows, rows], { transA: 1 })];
  }) as [string];
  return moments;
}

/** Neighbours tell much the same: every third token is looked at, or every fifth where a third would be always the same columns. */
function tokenStep(grid: number): number {
  return grid % 3 === 0 ? 5 : 3;
}
