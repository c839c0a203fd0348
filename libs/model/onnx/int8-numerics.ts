import { QUANTISED } from '../quantise.js';
import { cpuFloat32 } from './float-numerics.js';
import type { Graph } from './graph.js';
import type { LinearLayer, Numerics, Place } from './numerics.js';

/** How many bits of a layer's input and of its weights are multiplied. */
export interface Bits {
  readonly input: 8 | 16;
  readonly weights: 8 | 16;
}

const COARSE: Bits = { input: 8, weights: 8 };
const FINE: Bits = { input: 16, weights: 8 };
const FULL: Bits = { input: 16, weights: 16 };

/** Bits of the attention's and the MLP's layers in one encoder layer. */
export type LayerBits = Readonly<Record<Exclude<Place['part'], 'embedding'>, Bits>>;

/**
 * By encoder layer; all that follow are coarse. An error in the first layers grows through all that follow, and attention's
 * weighs most.
 */
const CAREFUL: readonly LayerBits[] = [
  { attention: FULL, mlp: FULL },
  { attention: FINE, mlp: FINE },
  { attention: FINE, mlp: COARSE },
  { attention: FINE, mlp: COARSE },
];

/**
 * Each changes whenever it could give other numbers. The first of both kept 16 bits of all weights for all tokens or of
 * none, the second of `int8` of the first four layers' weights; the second of `int8-fast` had its weights where the runtime
 * rounds differently; then weights were rounded to the nearest step, and until the last of both inputs were as the
 * checkpoint has them.
 */
const REVISIONS = { int8: 'int8-4', fast: 'int8-5' } as const;

/**
 * Encoder matrices in 8-bit products on the CPU, with the precision that matters summed up: the first layers are computed with
 * more ({@link CAREFUL}), and so is the class token everywhere where there is one.
 */
export const int8: Numerics = int8With(REVISIONS.int8, CAREFUL);

/** 8 bits on both sides everywhere: the least time, for whom a few hundredths are good enough. */
export const int8Fast: Numerics = {
  ...cpuFloat32,
  revision: REVISIONS.fast,
  linear: (graph, input, layer) =>
    layer.place.part === 'embedding'
      ? cpuFloat32.linear(graph, input, layer)
      : linear(graph, input, layer, COARSE),
};

/**
 * What costs accuracy was found by measuring: what rounding the weights does to all tokens alike, which the mean over the
 * tokens keeps, and everything in the first layers. So the mean of 8-bit weights' errors is always taken away.
 *
 * Inputs are scaled by their own range, over one picture: **one picture a run**, or a score would depend on what it came
 * with. Weights are those of an equivalent model whose inputs have their mean near 0 and no outliers
 * ({@link file://../calibration/equivalent-weights.ts}). They have to be packed: the operators are slow otherwise, and round
 * differently.
 *
 * @param careful by encoder layer; all that follow are in 8 bits
 */
export function int8With(revision: string, careful: readonly LayerBits[]): Numerics {
  return {
    ...cpuFloat32,
    revision,
    linear: (graph, input, layer) => {
      const { part, index } = layer.place;
      if (part === 'embedding') return cpuFloat32.linear(graph, input, layer);
      const rows = linear(graph, input, layer, careful[index]?.[part] ?? COARSE);
      return layer.hasClassToken ? withClassToken(graph, input, rows, layer) : rows;
    },
  };
}

/** 8-bit values of an activation: `real = scale · (value − zero)`. */
interface Quantised {
  readonly values: string;
  readonly scale: string;
  readonly zero: string;
}

function linear(graph: Graph, input: string, layer: LinearLayer, bits: Bits): string {
  const coarse = quantised(graph, input);
  const bias = biasOf(graph, layer);
  const ofWeights = bits.weights === 16 ? bias : [meanCorrection(graph, input, layer, bias)];
  let sum = product(graph, coarse, layer, 'first', ofWeights);
  const add = (more: string) => (sum = graph.add('Add', [sum, more]));
  if (bits.weights === 16) add(product(graph, coarse, layer, 'rest', []));
  if (bits.input === 16) add(product(graph, rest(graph, input, coarse), layer, 'first', []));
  return sum;
}

/**
 * The mean row of `input` times what rounding lost of the weights, in the shape of a bias: that error is the same for all
 * tokens, and one row costs next to nothing.
 */
function meanCorrection(
  graph: Graph,
  input: string,
  layer: LinearLayer,
  bias: readonly string[],
): string {
  const [mean] = graph.once(`mean of ${input}`, () => {
    const rows = graph.constant('rows', BigInt64Array.of(0n), [1]);
    return [graph.add('ReduceMean', [input, rows], { keepdims: 1 })];
  }) as [string];
  const row = product(graph, quantised(graph, mean), layer, 'rest', bias);
  return graph.reshape(row, [layer.outputs]);
}

/** `rows` with the first computed in 16 bits on both sides: nothing averages the class token's errors out. */
function withClassToken(graph: Graph, input: string, rows: string, layer: LinearLayer): string {
  const at = (row: number) => graph.constant(`row_${row}`, BigInt64Array.of(BigInt(row)), [1]);
  const last = graph.constant('last_row', BigInt64Array.of(2n ** 31n), [1]);
  const [token] = graph.once(`class token of ${input}`, () => [
    graph.add('Slice', [input, at(0), at(1), at(0)]),
  ]) as [string];
  const others = graph.add('Slice', [rows, at(1), last, at(0)]);
  return graph.add('Concat', [linear(graph, token, layer, FULL), others], { axis: 0 });
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
