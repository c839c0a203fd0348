import { QUANTISED } from '../quantise.js';
import { cpuFloat32 } from './float-numerics.js';
import type { Graph } from './graph.js';
import type { LinearLayer, Numerics } from './numerics.js';

/**
 * Bits of the tokens' distance from their mean, and of the weights that it is multiplied with. An error in the first layers
 * grows through all that follow, and attention's weighs most.
 */
interface Bits {
  readonly distance: 8 | 16;
  readonly weights: 8 | 16;
}

const COARSE: Bits = { distance: 8, weights: 8 };
const FINE: Bits = { distance: 16, weights: 8 };
const FULL: Bits = { distance: 16, weights: 16 };

/** By encoder layer; all that follow are coarse. */
const CAREFUL: readonly Readonly<Record<'attention' | 'mlp', Bits>>[] = [
  { attention: FULL, mlp: FULL },
  { attention: FINE, mlp: FINE },
  { attention: FINE, mlp: COARSE },
  { attention: FINE, mlp: COARSE },
];

/**
 * Each changes whenever it could give other numbers. The first of both kept 16 bits of all weights for all tokens or of
 * none, the second of `int8` of the first four layers' weights; the second of `int8-fast` had its weights where the runtime
 * rounds differently; until the last of both weights were rounded to the nearest step.
 */
const REVISIONS = { int8: 'int8-3', fast: 'int8-4' } as const;

/**
 * Encoder matrices in 8-bit products on the CPU, with the precision that matters summed up. What costs accuracy was found by
 * measuring: what all tokens have in common, as the mean over the tokens keeps its error, and everything in the first layers.
 *
 * So the tokens' mean is multiplied with 16 bits of the weights, and their distance from it with 8 ({@link centred}); the
 * first layers are computed with more ({@link CAREFUL}), and so is the class token everywhere where there is one. Inputs are
 * scaled by their own range, over one picture: **one picture a run**, or a score would depend on what it came with. Weights
 * have to be packed: the operators are slow otherwise, and round differently.
 */
export const int8: Numerics = {
  ...cpuFloat32,
  revision: REVISIONS.int8,
  linear: (graph, input, layer) => {
    const { part, index } = layer.place;
    if (part === 'embedding') return cpuFloat32.linear(graph, input, layer);
    const rows = centred(graph, input, layer, CAREFUL[index]?.[part] ?? COARSE);
    return layer.hasClassToken ? withClassToken(graph, input, rows, layer) : rows;
  },
};

/** 8 bits on both sides, but for the tokens' mean: the least time, for whom a few hundredths are good enough. */
export const int8Fast: Numerics = {
  ...cpuFloat32,
  revision: REVISIONS.fast,
  linear: (graph, input, layer) =>
    layer.place.part === 'embedding'
      ? cpuFloat32.linear(graph, input, layer)
      : meanCorrected(graph, input, layer),
};

/** 8-bit values of an activation: `real = scale · (value − zero)`. */
interface Quantised {
  readonly values: string;
  readonly scale: string;
  readonly zero: string;
}

/**
 * 8 bits, and the mean row of `input` times what rounding lost of the weights: that error is the same for all tokens, and
 * one row costs next to nothing. It is added as the bias is.
 */
function meanCorrected(graph: Graph, input: string, layer: LinearLayer): string {
  const mean = quantised(graph, meanRow(graph, input));
  const correction = product(graph, mean, layer, 'rest', biasOf(graph, layer));
  return product(graph, quantised(graph, input), layer, 'first', [
    asBias(graph, correction, layer),
  ]);
}

/**
 * The mean row of `input`, rounded to 8 bits, times 16 bits of the weights, and how far each row is from it, which has a
 * smaller range. What rounding the mean lost is in the distances, where each row's own rounding hides it.
 */
function centred(graph: Graph, input: string, layer: LinearLayer, bits: Bits): string {
  const mean = quantised(graph, meanRow(graph, input));
  const [distance] = graph.once(`distance from the mean of ${input}`, () => {
    const back = graph.add('DequantizeLinear', [mean.values, mean.scale, mean.zero]);
    return [graph.add('Sub', [input, back])];
  }) as [string];
  const nearly = product(graph, mean, layer, 'first', biasOf(graph, layer));
  const common = product(graph, mean, layer, 'rest', [asBias(graph, nearly, layer)]);
  const coarse = quantised(graph, distance);
  let sum = product(graph, coarse, layer, 'first', [asBias(graph, common, layer)]);
  const add = (more: string) => (sum = graph.add('Add', [sum, more]));
  if (bits.weights === 16) add(product(graph, coarse, layer, 'rest', []));
  if (bits.distance === 16) add(product(graph, rest(graph, distance, coarse), layer, 'first', []));
  return sum;
}

/** `rows` with the first computed in 16 bits on both sides: nothing is averaged over the class token's errors. */
function withClassToken(graph: Graph, input: string, rows: string, layer: LinearLayer): string {
  const at = (row: number) => graph.constant(`row_${row}`, BigInt64Array.of(BigInt(row)), [1]);
  const last = graph.constant('last_row', BigInt64Array.of(2n ** 31n), [1]);
  const [token] = graph.once(`class token of ${input}`, () => [
    graph.add('Slice', [input, at(0), at(1), at(0)]),
  ]) as [string];
  const others = graph.add('Slice', [rows, at(1), last, at(0)]);
  return graph.add('Concat', [twoTermLinear(graph, token, layer), others], { axis: 0 });
}

function meanRow(graph: Graph, input: string): string {
  const [mean] = graph.once(`mean of ${input}`, () => {
    const rows = graph.constant('rows', BigInt64Array.of(0n), [1]);
    return [graph.add('ReduceMean', [input, rows], { keepdims: 1 })];
  }) as [string];
  return mean;
}

/** The one row `[1, outputs]` in the shape of a bias. */
function asBias(graph: Graph, row: string, { outputs }: LinearLayer): string {
  return graph.reshape(row, [outputs]);
}

/** 16 bits on both sides; the product of the two rests is left out. */
function twoTermLinear(graph: Graph, input: string, layer: LinearLayer): string {
  const coarse = quantised(graph, input);
  const sum = graph.add('Add', [
    product(graph, coarse, layer, 'first', biasOf(graph, layer)),
    product(graph, coarse, layer, 'rest', []),
  ]);
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
