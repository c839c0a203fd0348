import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import * as flatbuffers from 'flatbuffers';
import { describe, expect, it } from 'vitest';
import { withNormalisation } from './tflite-metadata.js';

const require = createRequire(import.meta.url);
const bare = (model: string) =>
  new Uint8Array(
    readFileSync(require.resolve(`@mediapipe/face_detection/face_detection_${model}.tflite`)),
  );

/** Reads a FlatBuffers file with the library, by slots. */
function reader(bytes: Uint8Array) {
  const buffer = new flatbuffers.ByteBuffer(bytes);
  const field = (table: number, slot: number) => {
    const offset = buffer.__offset(table, 4 + 2 * slot);
    return offset === 0 ? null : table + offset;
  };
  const need = (position: number | null) => {
    if (position === null) throw new Error('expected the field, found none');
    return position;
  };
  return {
    root: buffer.readInt32(0),
    byte: (table: number, slot: number) => buffer.readInt8(need(field(table, slot))),
    int: (table: number, slot: number) => buffer.readInt32(need(field(table, slot))),
    table: (table: number, slot: number) => buffer.__indirect(need(field(table, slot))),
    text: (table: number, slot: number) => buffer.__string(need(field(table, slot))) as string,
    count: (table: number, slot: number) => buffer.__vector_len(need(field(table, slot))),
    start: (table: number, slot: number) => buffer.__vector(need(field(table, slot))),
    item: (table: number, slot: number, i: number) =>
      buffer.__indirect(buffer.__vector(need(field(table, slot))) + 4 * i),
    float: (table: number, slot: number) =>
      buffer.readFloat32(buffer.__vector(need(field(table, slot)))),
    bytes: (table: number, slot: number) => {
      const at = need(field(table, slot));
      const start = buffer.__vector(at);
      return bytes.slice(start, start + buffer.__vector_len(at));
    },
  };
}

describe('withNormalisation', () => {
  it.each(['short_range', 'full_range', 'full_range_sparse'])('adds it to %s', (name) => {
    const file = withNormalisation(bare(name), { mean: 127.5, std: 64 });
    expect(Buffer.from(file.subarray(4, 8)).toString()).toBe('TFL3');
    const model = reader(file);
    const entry = model.item(model.root, 6, model.count(model.root, 6) - 1);
    expect(model.text(entry, 0)).toBe('TFLITE_METADATA');
    // The entry names the last buffer.
    const buffer = model.item(model.root, 4, model.int(entry, 1));
    expect(model.int(entry, 1)).toBe(model.count(model.root, 4) - 1);

    const metadata = reader(model.bytes(buffer, 0));
    const subgraph = metadata.item(metadata.root, 3, 0);
    const unit = metadata.item(metadata.item(subgraph, 2, 0), 4, 0);
    const options = metadata.table(unit, 1);
    expect([
      metadata.byte(unit, 0),
      metadata.float(options, 0),
      metadata.float(options, 1),
    ]).toEqual([1, 127.5, 64]);
  });

  it('keeps the model byte for byte, where 16-byte aligned weights stay aligned', () => {
    const old = bare('short_range');
    const file = withNormalisation(old, { mean: 127.5, std: 127.5 });
    const at = Buffer.from(file).indexOf(old);
    expect(at).toBeGreaterThan(0);
    expect(at % 16).toBe(0);
  });

  it('refuses what is no TFLite model', () => {
    const normalisation = { mean: 0, std: 1 };
    expect(() => withNormalisation(new Uint8Array(64), normalisation)).toThrow('TFLite');
    expect(() => withNormalisation(new Uint8Array(0), normalisation)).toThrow('TFLite');
  });
});
