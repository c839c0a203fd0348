import { cpuFloat32 } from '../onnx/float-numerics.js';
import { embed, encoderLayer } from '../onnx/encoder.js';
import { Graph, type Port } from '../onnx/graph.js';
import type { LinearLayer, Numerics } from '../onnx/numerics.js';
import { gridOf, tokensOf, type VisionTransformer } from '../vision-transformer.js';
import type { Weights } from '../weights.js';

export const PIXELS = 'pixels';
export const HIDDEN = 'hidden';
export const NEXT_HIDDEN = 'next_hidden';

/** Normalised pictures `[batch, size, size, 3]` to what the first encoder layer gets, `[batch · tokens, hiddenSize]`. */
export function embeddingGraph(model: VisionTransformer, weights: Weights): Uint8Array {
  const graph = new Graph(weights);
  const { imageSize, hiddenSize } = model;
  const builder = { graph, model, numerics: cpuFloat32 };
  graph.reshape(embed(builder, PIXELS), [-1, hiddenSize]);
  return graph.encode(
    { name: PIXELS, dims: ['batch', imageSize, imageSize, 3] },
    { name: NEXT_HIDDEN, dims: ['rows', hiddenSize] },
  );
}

/** Outputs that tell of a linear layer's inputs. */
export interface Observed {
  /** Second moments, `[inputs, inputs]`. */
  readonly moments: string;
  /** Mean, `[inputs]`. */
  readonly mean: string;
}

/** An encoder layer that also tells of its linear layers' inputs. */
export interface ObservedLayer {
  readonly graph: Uint8Array;
  /** By the name of the linear layer. */
  readonly observed: ReadonlyMap<string, Observed>;
}

/**
 * One encoder layer in float32, from `[batch · tokens, hiddenSize]` to the same, and for each input of its linear layers
 * the mean over all tokens, and the sum of d · dᵀ, where d is how far a token is from the mean of its picture: what the
 * weights' rounding does to that mean is computed and taken away.
 */
export function observedLayerGraph(
  model: VisionTransformer,
  index: number,
  weights: Weights,
): ObservedLayer {
  const graph = new Graph(weights);
  const outputs: Port[] = [];
  const observed = new Map<string, Observed>();
  const numerics: Numerics = {
    ...cpuFloat32,
    linear: (_, input, layer) => {
      const [moments, mean] = graph.once(`statistics of ${input}`, () => {
        const names = [momentsOf(graph, model, input, layer), meanOf(graph, input)] as const;
        const [name, meanName] = names;
        outputs.push({ name, dims: [layer.inputs, layer.inputs] });
        outputs.push({ name: meanName, dims: [layer.inputs] });
        return names;
      }) as [string, string];
      observed.set(layer.name, { moments, mean });
      return cpuFloat32.linear(graph, input, layer);
    },
  };
  encoderLayer({ graph, model, numerics }, index, HIDDEN);
  const dims = ['rows', model.hiddenSize];
  return {
    graph: graph.encode({ name: HIDDEN, dims }, { name: NEXT_HIDDEN, dims }, outputs),
    observed,
  };
}

function momentsOf(
  graph: Graph,
  model: VisionTransformer,
  input: string,
  { inputs }: LinearLayer,
): string {
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
  return graph.add('Gemm', [rows, rows], { transA: 1 });
}

function meanOf(graph: Graph, input: string): string {
  const rows = graph.constant('rows', BigInt64Array.of(0n), [1]);
  return graph.add('ReduceMean', [input, rows], { keepdims: 0 });
}

/** Neighbours tell much the same: every third token is looked at, or every fifth where a third would be always the same columns. */
function tokenStep(grid: number): number {
  return grid % 3 === 0 ? 5 : 3;
}
