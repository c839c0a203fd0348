import path from 'node:path';
import type { Weights } from '../weights.js';
import type { FloatType } from './numerics.js';
import { narrow } from '../float16.js';
import { AttributeType, DataType, encodeModel, EXTERNAL } from './schema.js';

/** A whole number, `{ float }`, a string or a list of whole numbers. */
export type AttributeValue = number | { readonly float: number } | string | readonly number[];

type Dimension = number | string;

/** An input or output; always of float32. */
export interface Port {
  readonly name: string;
  readonly dims: readonly Dimension[];
}

/** Values of a constant; 16-bit ones are the bits of half precision floats. */
type Values = Float32Array | Uint16Array | BigInt64Array | Uint8Array | Int8Array;

/** Operators of ONNX Runtime's own are `com.microsoft.<name>`. */
const RUNTIME_DOMAIN = 'com.microsoft';

const STORED_TYPES: Readonly<Record<string, number>> = {
  F32: DataType.float,
  F16: DataType.float16,
  I8: DataType.int8,
};

/** Collects nodes and initializers; weights stay in their file, which the graph only points into. */
export class Graph {
  readonly #nodes: Record<string, unknown>[] = [];
  readonly #initializers: Record<string, unknown>[] = [];
  readonly #names = new Set<string>();
  readonly #made = new Map<string, readonly string[]>();
  readonly #weights: Weights;

  constructor(weights: Weights) {
    this.#weights = weights;
  }

  /** Adds a node and returns the name of its one output. */
  add(
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, AttributeValue>> = {},
  ): string {
    const output = `${opType}_${this.#nodes.length}`;
    this.#addNode(opType, inputs, [output], attributes);
    return output;
  }

  /** Adds a node and returns the names of its first `count` outputs. */
  addMany(opType: string, inputs: readonly string[], count: number): readonly string[] {
    const outputs = Array.from(
      { length: count },
      (_, index) => `${opType}_${this.#nodes.length}_${index}`,
    );
    this.#addNode(opType, inputs, outputs, {});
    return outputs;
  }

  /** What `make` returned the first time it was called for `key`. */
  once(key: string, make: () => readonly string[]): readonly string[] {
    const known = this.#made.get(key);
    if (known !== undefined) return known;
    const made = make();
    this.#made.set(key, made);
    return made;
  }

  #addNode(
    opType: string,
    input: readonly string[],
    output: readonly string[],
    attributes: Readonly<Record<string, AttributeValue>>,
  ): void {
    const attribute = Object.entries(attributes).map(([name, value]) => ({
      name,
      ...encodeAttribute(value),
    }));
    const isRuntimes = opType.startsWith(`${RUNTIME_DOMAIN}.`);
    this.#nodes.push({
      opType: isRuntimes ? opType.slice(RUNTIME_DOMAIN.length + 1) : opType,
      ...(isRuntimes ? { domain: RUNTIME_DOMAIN } : {}),
      name: output[0],
      input,
      output,
      attribute,
    });
  }

  /** A weight of the checkpoint, read as `dims` (the same elements in the same order), in the type it is stored in. */
  weight(name: string, dims: readonly number[]): string {
    const tensor = this.#weights.tensors.get(name);
    if (tensor === undefined) throw new Error(`expected the weight ${name}`);
    const dataType = STORED_TYPES[tensor.dtype];
    if (dataType === undefined) throw new Error(`expected ${name} in another type`);
    if (this.#isNew(name)) {
      this.#initializers.push({
        name,
        dims,
        dataType,
        dataLocation: EXTERNAL,
        externalData: [
          { key: 'location', value: path.basename(tensor.file) },
          { key: 'offset', value: String(tensor.offset) },
          { key: 'length', value: String(tensor.length) },
        ],
      });
    }
    return name;
  }

  /** A small constant, kept in the graph. */
  constant(name: string, values: Values, dims: readonly number[]): string {
    if (this.#isNew(name)) {
      const dataType = dataTypeOf(values);
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

  cast(input: string, type: FloatType): string {
    const to = type === 'float32' ? DataType.float : DataType[type];
    return this.add('Cast', [input], { to });
  }

  /** `input` times a number. @param type that `input` has */
  scale(input: string, factor: number, type: FloatType): string {
    const values = Float32Array.of(factor);
    const constant = type === 'float16' ? narrow(values) : values;
    return this.add('Mul', [input, this.constant(`factor_${factor}`, constant, [])]);
  }

  /**
   * The serialised model. The last node's output is renamed to `output.name`.
   * @param others further outputs, by the names that their nodes gave them
   */
  encode(input: Port | readonly Port[], output: Port, others: readonly Port[] = []): Uint8Array {
    const last = this.#nodes.at(-1);
    if (last === undefined) throw new Error('expected at least one node');
    last.output = [output.name];
    return encodeModel({
      irVersion: 11,
      producerName: 'deepfake-analysis-service',
      opsetImport: [
        { domain: '', version: 23 },
        { domain: RUNTIME_DOMAIN, version: 1 },
      ],
      graph: {
        name: 'classifier',
        node: this.#nodes,
        initializer: this.#initializers,
        input: [input].flat().map(valueInfo),
        output: [output, ...others].map(valueInfo),
      },
    });
  }

  #isNew(name: string): boolean {
    if (this.#names.has(name)) return false;
    this.#names.add(name);
    return true;
  }
}

function dataTypeOf(values: Values): number {
  if (values instanceof Float32Array) return DataType.float;
  if (values instanceof Uint16Array) return DataType.float16;
  if (values instanceof Uint8Array) return DataType.uint8;
  if (values instanceof Int8Array) return DataType.int8;
  return DataType.int64;
}

function encodeAttribute(value: AttributeValue): Record<string, unknown> {
  if (typeof value === 'number') return { type: AttributeType.int, i: value };
  if (typeof value === 'string') return { type: AttributeType.string, s: Buffer.from(value) };
  if ('float' in value) return { type: AttributeType.float, f: value.float };
  return { type: AttributeType.ints, ints: value };
}

function valueInfo({ name, dims }: Port): Record<string, unknown> {
  const dim = dims.map((side) =>
    typeof side === 'number' ? { dimValue: side } : { dimParam: side },
  );
  return { name, type: { tensorType: { elemType: DataType.float, shape: { dim } } } };
}
