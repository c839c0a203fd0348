import protobuf from 'protobufjs';

/**
 * The part of the ONNX schema that a graph of ours needs: message and field names and numbers of `onnx.proto`
 * (https://github.com/onnx/onnx, Apache-2.0, IR version 11).
 */
const STRING = { type: 'string' } as const;
const INT64 = { type: 'int64' } as const;
const INT32 = { type: 'int32' } as const;

const field = (id: number, kind: { readonly type: string }) => ({ id, ...kind });
const repeated = (id: number, kind: { readonly type: string }) => ({
  id,
  rule: 'repeated',
  ...kind,
});
const message = (type: string) => ({ type });

const root = protobuf.Root.fromJSON({
  nested: {
    ModelProto: {
      fields: {
        irVersion: field(1, INT64),
        producerName: field(2, STRING),
        producerVersion: field(3, STRING),
        graph: field(7, message('GraphProto')),
        opsetImport: repeated(8, message('OperatorSetIdProto')),
      },
    },
    OperatorSetIdProto: { fields: { domain: field(1, STRING), version: field(2, INT64) } },
    GraphProto: {
      fields: {
        node: repeated(1, message('NodeProto')),
        name: field(2, STRING),
        initializer: repeated(5, message('TensorProto')),
        input: repeated(11, message('ValueInfoProto')),
        output: repeated(12, message('ValueInfoProto')),
      },
    },
    NodeProto: {
      fields: {
        input: repeated(1, STRING),
        output: repeated(2, STRING),
        name: field(3, STRING),
        opType: field(4, STRING),
        attribute: repeated(5, message('AttributeProto')),
        domain: field(7, STRING),
      },
    },
    AttributeProto: {
      fields: {
        name: field(1, STRING),
        f: field(2, { type: 'float' }),
        i: field(3, INT64),
        s: field(4, { type: 'bytes' }),
        ints: repeated(8, INT64),
        type: field(20, INT32),
      },
    },
    TensorProto: {
      fields: {
        dims: repeated(1, INT64),
        dataType: field(2, INT32),
        name: field(8, STRING),
        rawData: field(9, { type: 'bytes' }),
        externalData: repeated(13, message('StringStringEntryProto')),
        dataLocation: field(14, INT32),
      },
    },
    StringStringEntryProto: { fields: { key: field(1, STRING), value: field(2, STRING) } },
    ValueInfoProto: { fields: { name: field(1, STRING), type: field(2, message('TypeProto')) } },
    TypeProto: { fields: { tensorType: field(1, message('TensorTypeProto')) } },
    TensorTypeProto: {
      fields: { elemType: field(1, INT32), shape: field(2, message('TensorShapeProto')) },
    },
    TensorShapeProto: { fields: { dim: repeated(1, message('DimensionProto')) } },
    DimensionProto: { fields: { dimValue: field(1, INT64), dimParam: field(2, STRING) } },
  },
});

const modelProto = root.lookupType('ModelProto');

/** Serialises a model given in the field names above. @throws Error naming a field that doesn't fit */
export function encodeModel(model: Record<string, unknown>): Uint8Array {
  const problem = modelProto.verify(model);
  if (problem !== null) throw new Error(`expected a valid ONNX model: ${problem}`);
  return modelProto.encode(modelProto.create(model)).finish();
}

/** `TensorProto.DataType`. */
export const DataType = { float: 1, uint8: 2, int8: 3, int64: 7, float16: 10 } as const;
/** `AttributeProto.AttributeType`. */
export const AttributeType = { float: 1, int: 2, string: 3, ints: 7 } as const;
/** `TensorProto.DataLocation.EXTERNAL`. */
export const EXTERNAL = 1;
