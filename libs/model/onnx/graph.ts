import type { WeightsFile } from '../weights.js';
import { AttributeType, DataType, encodeModel, EXTERNAL } from './schema.js';

/** A whole number, `{ float }`, a string or a list of whole numbers. */
export type AttributeValue = number | { readonly float: number } | string | readonly number[];

type Dimension = number | string;

/** Collects nodes and initializers; weights stay in their file, which the graph only points into. */
export class Graph {
  readonly #nodes: Record<string, unknown>[] = [];
  readonly #initializers: Record<string, unknown>[] = [];
  readonly #names = new Set<string>();
  readonly #weights: WeightsFile;

  constructor(weights: WeightsFile) {
    this.#weights = weights;
  }

  /** Adds a node and returns the name of its one output. */
  add(
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, AttributeValue>> = {},
  ): string {
    const output = `${opType}_${this.#nodes.length}`;
    const attribute = Object.entries(attributes).map(([name, value]) => ({
      name,
      ...encodeAttribute(value),
    }));
    this.#nodes.push({ opType, name: output, input: inputs, output: [output], attribute });
    return output;
  }

  /** A weight of the checkpoint, read as `dims` (the same elements in the same order). */
  weight(name: string, dims: readonly number[]): string {
    const entry = this.#weights.entries.get(name);
    if (entry === undefined) throw new Error(`expected the weight ${name}`);
    if (this.#isNew(name)) {
      this.#initializers.push({
        name,
        dims,
        dataType: DataType.float,
        dataLocation: EXTERNAL,
        externalData: [
          { key: 'location', value: this.#weights.name },
          { key: 'offset', value: String(entry.offset) },
          { key: 'length', value: String(entry.length) },
        ],
      });
    }
    return name;
  }

  /** A small constant, kept in the graph. */
  constant(
    name: string,
    values: Float32Array | Int32Array | BigInt64Array,
    dims: readonly number[],
  ): string {
    if (this.#isNew(name)) {
      const dataType =
        values instanceof Float32Array
          ? DataType.float
          : values instanceof Int32Array
            ? DataType.int32
            : DataType.int64;
      const rawData = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
      this.#initializers.push({ name, dims, dataType, rawData });
    }
    return name;
  }

  /** A node that gives `input` another shape; -1 stands for what is left. */
  reshape(input: string, shape: readonly number[]): string {
    const name = `shape_${shape.join('_')}`;
    return this.add('Reshape', [
      input,
      this.constant(name, BigInt64Array.from(shape.map(BigInt)), [shape.length]),
    ]);
  }

  /** The serialised model. The last node's output is renamed to `output.name`. */
  encode(
    input: { name: string; dims: readonly Dimension[] },
    output: { name: string; dims: readonly Dimension[] },
  ): Uint8Array {
    const last = this.#nodes.at(-1);
    if (last === undefined) throw new Error('expected at least one node');
    last.output = [output.name];
    return encodeModel({
      irVersion: 11,
      producerName: 'deepfake-analysis-service',
      opsetImport: [{ domain: '', version: 23 }],
      graph: {
        name: 'siglip',
        node: this.#nodes,
        initializer: this.#initializers,
        input: [valueInfo(input.name, DataType.uint8, input.dims)],
        output: [valueInfo(output.name, DataType.float, output.dims)],
      },
    });
  }

  #isNew(name: string): boolean {
    if (this.#names.has(name)) return false;
    this.#names.add(name);
    return true;
  }
}

function encodeAttribute(value: AttributeValue): Record<string, unknown> {
  if (typeof value === 'number') return { type: AttributeType.int, i: value };
  if (typeof value === 'string') return { type: AttributeType.string, s: Buffer.from(value) };
  if ('float' in value) return { type: AttributeType.float, f: value.float };
  return { type: AttributeType.ints, ints: value };
}

function valueInfo(
  name: string,
  elemType: number,
  dims: readonly Dimension[],
): Record<string, unknown> {
  const dim = dims.map((side) =>
    typeof side === 'number' ? { dimValue: side } : { dimParam: side },
  );
  return { name, type: { tensorType: { elemType, shape: { dim } } } };
}
