import * as flatbuffers from 'flatbuffers';

/** How a model wants its input: `(value − mean) / std`. */
export interface InputNormalisation {
  readonly mean: number;
  readonly std: number;
}

/** Fields of TFLite's `Model` table, by their slots in the schema (tensorflow/lite/schema.fbs). */
const MODEL = {
  version: 0,
  operatorCodes: 1,
  subgraphs: 2,
  description: 3,
  buffers: 4,
  metadata: 6,
  signatures: 7,
};

/**
 * Adds to a bare TFLite model the metadata that MediaPipe Tasks insists on: how to normalise its input. The old file is
 * kept byte for byte, 16-byte aligned, behind a new root table that points into it.
 *
 * @param model a TFLite file (identifier `TFL3`)
 * @throws Error when it is none
 */
export function withNormalisation(
  model: Uint8Array,
  normalisation: InputNormalisation,
): Uint8Array {
  const old = new TableReader(model);
  const metadata = modelMetadata(normalisation);
  const builder = new flatbuffers.Builder(model.length + metadata.length + 4096);
  const oldStart = embed(builder, model) - 4;
  // Offsets in a builder count from its end; this is where byte `position` of the old file now lies.
  const moved = (position: number) => oldStart - position;
  const movedList = (list: number | null) => (list === null ? [] : old.tables(list).map(moved));

  const metadataBytes = embed(builder, metadata);
  builder.startObject(3);
  builder.addFieldOffset(0, metadataBytes, 0);
  const metadataBuffer = builder.endObject();
  const oldBuffers = movedList(old.field(MODEL.buffers));
  const buffers = offsets(builder, [...oldBuffers, metadataBuffer]);

  const name = builder.createString('TFLITE_METADATA');
  builder.startObject(2);
  builder.addFieldOffset(0, name, 0);
  builder.addFieldInt32(1, oldBuffers.length, 0);
  const entry = builder.endObject();
  const entries = offsets(builder, [...movedList(old.field(MODEL.metadata)), entry]);

  builder.startObject(8);
  builder.addFieldInt32(MODEL.version, old.version(), 0);
  for (const slot of [MODEL.operatorCodes, MODEL.subgraphs, MODEL.description, MODEL.signatures]) {
    const position = old.field(slot);
    if (position !== null) builder.addFieldOffset(slot, moved(position), 0);
  }
  builder.addFieldOffset(MODEL.buffers, buffers, 0);
  builder.addFieldOffset(MODEL.metadata, entries, 0);
  builder.finish(builder.endObject(), 'TFL3');
  return builder.asUint8Array().slice();
}

/** Follows the offsets of a FlatBuffers file from its root table. */
class TableReader {
  readonly #view: DataView;
  readonly #root: number;
  readonly #slots: number;

  constructor(bytes: Uint8Array) {
    if (Buffer.from(bytes.subarray(4, 8)).toString('latin1') !== 'TFL3')
      throw new Error('expected a TFLite model');
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#root = this.#u32(0);
    this.#slots = this.#root - this.#view.getInt32(this.#root, true);
  }

  version(): number {
    const position = this.#slot(MODEL.version);
    return position === null ? 0 : this.#u32(position);
  }

  /** Where the vector, string or table of a field lies, or null where the field is absent. */
  field(slot: number): number | null {
    const position = this.#slot(slot);
    return position === null ? null : position + this.#u32(position);
  }

  /** Where the tables of a vector of tables lie. */
  tables(vector: number): number[] {
    return Array.from({ length: this.#u32(vector) }, (_, i) => {
      const position = vector + 4 + 4 * i;
      return position + this.#u32(position);
    });
  }

  #slot(slot: number): number | null {
    const at = 4 + 2 * slot;
    if (at >= this.#view.getUint16(this.#slots, true)) return null;
    const relative = this.#view.getUint16(this.#slots + at, true);
    return relative === 0 ? null : this.#root + relative;
  }

  #u32(position: number): number {
    return this.#view.getUint32(position, true);
  }
}

/**
 * `ModelMetadata` with the one thing needed: subgraph 0, input 0, process unit NormalizationOptions (slots and union
 * number of metadata_schema.fbs).
 */
function modelMetadata({ mean, std }: InputNormalisation): Uint8Array {
  const NORMALIZATION_OPTIONS = 1;
  const builder = new flatbuffers.Builder(256);
  const means = floats(builder, [mean]);
  const stds = floats(builder, [std]);
  const normalisation = table(builder, 2, { 0: means, 1: stds });
  builder.startObject(2);
  builder.addFieldOffset(1, normalisation, 0);
  builder.addFieldInt8(0, NORMALIZATION_OPTIONS, 0);
  const processUnits = offsets(builder, [builder.endObject()]);
  const inputs = offsets(builder, [table(builder, 7, { 4: processUnits })]);
  const subgraphs = offsets(builder, [table(builder, 10, { 2: inputs })]);
  builder.finish(table(builder, 8, { 3: subgraphs }), 'M001');
  return builder.asUint8Array();
}

function table(
  builder: flatbuffers.Builder,
  slots: number,
  fields: Readonly<Record<number, number>>,
): number {
  builder.startObject(slots);
  for (const [slot, offset] of Object.entries(fields))
    builder.addFieldOffset(Number(slot), offset, 0);
  return builder.endObject();
}

function floats(builder: flatbuffers.Builder, values: readonly number[]): number {
  builder.startVector(4, values.length, 4);
  for (const value of values.toReversed()) builder.addFloat32(value);
  return builder.endVector();
}

function offsets(builder: flatbuffers.Builder, values: readonly number[]): number {
  builder.startVector(4, values.length, 4);
  for (const value of values.toReversed()) builder.addOffset(value);
  return builder.endVector();
}

/** Puts bytes into the builder as a 16-byte aligned vector. Returns the vector's offset. */
function embed(builder: flatbuffers.Builder, bytes: Uint8Array): number {
  builder.prep(16, bytes.length);
  return builder.createByteVector(bytes);
}
