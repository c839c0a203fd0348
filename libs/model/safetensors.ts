import { open, type FileHandle } from 'node:fs/promises';
import { isObject } from './json-file.js';
import { ModelError } from './model-error.js';

export type TensorType = 'F32' | 'F16' | 'BF16';

/** A tensor's place in its file. */
export interface TensorEntry {
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Bytes from the file's start. */
  readonly offset: number;
  readonly length: number;
}

const BYTES_PER_ELEMENT: Readonly<Record<string, number>> = { F32: 4, F16: 2, BF16: 2, I8: 1 };
/** The reference implementation's own limit. */
const MAX_HEADER_BYTES = 100_000_000;

/**
 * Reads where each tensor of a safetensors file lies: 8 bytes of header length, a JSON header, then the data
 * (https://github.com/huggingface/safetensors).
 * @param name what the file is called in messages
 * @throws ModelError when the file is cut short or its header makes no sense, naming the tensor
 */
export async function readTensorEntries(
  path: string,
  name: string,
): Promise<ReadonlyMap<string, TensorEntry>> {
  const invalid = (message: string) => new ModelError('model_invalid', `${name}: ${message}`);
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const headerLength = Number((await readExactly(file, 0, 8, invalid)).readBigUInt64LE());
    if (headerLength > Math.min(MAX_HEADER_BYTES, size - 8)) {
      throw invalid(
        `expected a header of at most ${size - 8} bytes, got one of ${headerLength}: the file is cut short`,
      );
    }
    const header = parseHeader(await readExactly(file, 8, headerLength, invalid), invalid);
    const dataStart = 8 + headerLength;
    const entries = new Map<string, TensorEntry>();
    for (const [tensor, value] of Object.entries(header)) {
      if (tensor === '__metadata__') continue;
      entries.set(tensor, parseEntry(tensor, value, { dataStart, size }, invalid));
    }
    return entries;
  } finally {
    await file.close();
  }
}

/** Makes the error for what is wrong with the file. */
type Invalid = (message: string) => ModelError;

async function readExactly(
  file: FileHandle,
  position: number,
  length: number,
  invalid: Invalid,
): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, position);
  if (bytesRead !== length) throw invalid('the file is cut short within its header');
  return buffer;
}

function parseHeader(bytes: Buffer, invalid: Invalid): Record<string, unknown> {
  try {
    const header: unknown = JSON.parse(bytes.toString('utf8'));
    if (isObject(header)) return header;
  } catch {
    // Said below.
  }
  throw invalid('expected a JSON header');
}

function parseEntry(
  name: string,
  value: unknown,
  { dataStart, size }: { readonly dataStart: number; readonly size: number },
  invalid: Invalid,
): TensorEntry {
  const { dtype, shape, data_offsets: offsets } = isObject(value) ? value : {};
  if (
    typeof dtype !== 'string' ||
    !isNumbers(shape) ||
    !isNumbers(offsets) ||
    offsets.length !== 2
  ) {
    throw invalid(`tensor ${name}: expected dtype, shape and data_offsets`);
  }
  const [from = 0, to = 0] = offsets;
  const elementBytes = BYTES_PER_ELEMENT[dtype];
  const elements = shape.reduce((product, side) => product * side, 1);
  if (elementBytes !== undefined && to - from !== elements * elementBytes) {
    throw invalid(
      `tensor ${name}: expected ${elements * elementBytes} bytes for [${shape.join(', ')}], got ${to - from}`,
    );
  }
  if (from < 0 || to < from || dataStart + to > size) {
    throw invalid(
      `tensor ${name}: ends at byte ${dataStart + to} of ${size}: the file is cut short`,
    );
  }
  return { dtype, shape, offset: dataStart + from, length: to - from };
}

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isInteger(n));
}
