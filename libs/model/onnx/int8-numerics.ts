import { QUANTISED } from '../int8-weights.js';
import { cpuFloat32 } from './float-numerics.js';
import type { Graph } from './graph.js';
import type { LinearLayer, Numerics } from './numerics.js';

/** Layers at the begin whose MLP is computed in 16 bits as well: an error there grows through all that follow. */
const CAREFUL_LAYERS = 2;

/**
 * Encoder matrices in 8-bit products on the CPU, summed up to the precision that they need. What costs accuracy was found
 * by measuring: the rounding of weights most, as its error is the same for every token, so that the mean over the tokens
 * keeps it; then the rounding of what goes into the attention's matrices, and into the first layers.
 *
 * So weights always have 16 bits (two products), and so have the inputs of the attention's four matrices and of the first
 * layers' MLP (a third product). Inputs are scaled by their own range, over one picture: **one picture a run**, or a score
 * would depend on what it came with. The operators need their weights prepacked to be fast.
 */
export const int8: Numerics = {
  ...cpuFloat32,
  linear: (graph, input, layer) =>
    layer.place.part === 'embedding'
      ? cpuFloat32.linear(graph, input, layer)
      : twoTermLinear(graph, input, layer),
};

/** Plain 8 bits on both sides: the least time, for whom a few hundredths in the probability are good enough. */
export const int8Fast: Numerics = {
  ...cpuFloat32,
  linear: (graph, input, layer) =>
    layer.place.part === 'embedding'
      ? cpuFloat32.linear(graph, input, layer)
      : product(graph, quantised(graph, input), layer, 'first', biasOf(graph, layer)),
};

/** 8-bit values of an activation: `real = scale · (value − zero)`. */
interface Quantised {
  readonly values: string;
  readonly scale: string;
  readonly zero: string;
}

function twoTermLinear(graph: Graph, input: string, layer: LinearLayer): string {
  const { part, index } = layer.place;
  const coarse = quantised(graph, input);
  const sum = graph.add('Add', [
    product(graph, coarse, layer, 'first', biasOf(graph, layer)),
    product(graph, coarse, layer, 'rest', []),
  ]);
  if (part === 'mlp' && index >= CAREFUL_LAYERS) return sum;
  return graph.add('Add', [sum, product(graph, rest(graph, input, coarse), layer, 'first', [])]);
}

/** `input` in 8 bits over its own range; layers with the same input share it. */
function quantised(graph: Graph, input: string): Quantised {
  const [values, scale, zero] = graph.once(`quantised ${input}`, () =>
    graph.addMany('DynamicQuantizeLinear', [input], 3),
  ) as [string, string, string];
  return { values, scale, zero };
}

/** What rounding `input` lost, in 8 bits of a 254th of the step. */
function rest(graph: Graph, input: string, { values, scale, zero }: Quantised): Quantised {
  const middle = graph.constant('middle_of_uint8', Uint8Array.of(128), []);
  const [fine, fineScale] = graph.once(`rest of ${input}`, () => {
    const back = graph.add('DequantizeLinear', [values, scale, zero]);
    const finer = graph.scale(scale, 1 / 254, 'float32');
    const lost = graph.add('Sub', [input, back]);
    return [graph.add('QuantizeLinear', [lost, finer, middle]), finer];
  }) as [string, string];
  return { values: fine, scale: fineScale, zero: middle };
}

function product(
  graph: Graph,
  { values, scale, zero }: Quantised,
  { name, inputs, outputs }: LinearLayer,
  term: 'first' | 'rest',
  bias: readonly string[],
): string {
  const [matrix, scales] =
    term === 'first'
      ? [QUANTISED.values, QUANTISED.scales]
      : [QUANTISED.restValues, QUANTISED.restScales];
  return graph.add('com.microsoft.MatMulIntegerToFloat', [
    values,
    graph.weight(`${name}${matrix}`, [inputs, outputs]),
    scale,
    graph.weight(`${name}${scales}`, [outputs]),
    zero,
    ...(bias.length > 0 ? ['', ...bias] : []),
  ]);
}

function biasOf(graph: Graph, { name, outputs, hasBias }: LinearLayer): string[] {
  return hasBias ? [graph.weight(`${name}.bias`, [outputs])] : [];
}
