import { createHash } from 'node:crypto';
import { open, realpath } from 'node:fs/promises';
import path from 'node:path';
import { ModelError } from './model-error.js';
import { SHARD_INDEX } from './model-files.js';
import { readTensorEntries, type TensorEntry, type TensorType } from './safetensors.js';
import type { NamedShape } from './vision-transformer.js';

/** A tensor and the file it lies in. */
export interface StoredTensor extends TensorEntry {
  /** Absolute, and not a link. */
  readonly file: string;
}

/** Safetensors weights, in one file or in shards, with all tensors that the model needs. */
export interface Checkpoint {
  /** Of the one file; of shards, that of `<sha256>  <name>\n` for each in the order of their names. */
  readonly sha256: string;
  readonly type: TensorType;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
}

const CHUNK_BYTES = 1024 * 1024;

/**
 * Finds the needed tensors and checks them: there, in their shape, all in one type that can be read.
 * @param names the weight files, as {@link filesIn} gives them
 * @throws ModelError naming the tensor or the damaged file
 */
export async function openCheckpoint(
  folder: string,
  names: readonly string[],
  needed: readonly NamedShape[],
  signal?: AbortSignal,
): Promise<Checkpoint> {
  const tensors = new Map<string, StoredTensor>();
  const files = names.filter((candidate) => candidate !== SHARD_INDEX);
  for (const name of files) {
    // ONNX Runtime refuses links that leave their folder, as those of a hub's cache do.
    const file = await realpath(path.join(folder, name));
    for (const [tensor, entry] of await readTensorEntries(file, name))
      tensors.set(tensor, { ...entry, file });
  }
  const sha256 = await sha256OfWeights(folder, files, signal);
  return { type: checkTensors(needed, tensors), sha256, tensors };
}

/**
 * SHA-256 of the one file; of several, that of `<sha256>  <name>\n` for each in the order given.
 * @throws ModelError naming a damaged file
 */
export async function sha256OfWeights(
  folder: string,
  names: readonly string[],
  signal?: AbortSignal,
): Promise<string> {
  const hashes: { name: string; sha256: string }[] = [];
  for (const name of names) {
    const file = await realpath(path.join(folder, name));
    const sha256 = await sha256OfFile(file, signal);
    refuseDamage(name, file, sha256);
    hashes.push({ name, sha256 });
  }
  return combined(hashes);
}

/** SHA-256 of a file, in lower-case hexadecimal. */
async function sha256OfFile(file: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  // One buffer for all: what is read once would stay in memory for long, as little is allocated afterwards.
  const chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  const handle = await open(file);
  try {
    for (;;) {
      signal?.throwIfAborted();
      const { bytesRead } = await handle.read(chunk);
      if (bytesRead === 0) break;
      hash.update(chunk.subarray(0, bytesRead));
    }
  } finally {
    await handle.close();
  }
  return hash.digest('hex');
}

function combined(hashes: readonly { name: string; sha256: string }[]): string {
  const [only] = hashes;
  if (hashes.length === 1 && only !== undefined) return only.sha256;
  const list = hashes.map(({ name, sha256 }) => `${sha256}  ${name}\n`).join('');
  return createHash('sha256').update(list).digest('hex');
}

/** A hub's cache names a file by its hash, so that damage shows. */
function refuseDamage(name: string, file: string, sha256: string): void {
  const expected = path.basename(file);
  if (!/^[0-9a-f]{64}$/.test(expected) || expected === sha256) return;
  throw new ModelError(
    'model_invalid',
    `expected the SHA-256 of ${name} to be ${expected}, got ${sha256}: delete it from the model cache and start again`,
  );
}

function checkTensors(
  needed: readonly NamedShape[],
  tensors: ReadonlyMap<string, TensorEntry>,
): TensorType {
  /** By type, the first tensor of it. */
  const types = new Map<string, string>();
  for (const { name, shape } of needed) {
    const entry = tensors.get(name);
    if (entry === undefined)
      throw new ModelError('model_invalid', `safetensors: tensor ${name} is missing`);
    if (entry.shape.join() !== shape.join()) {
      throw new ModelError(
        'model_invalid',
        `safetensors: expected tensor ${name} as [${shape.join(', ')}], got [${entry.shape.join(', ')}]`,
      );
    }
    if (!types.has(entry.dtype)) types.set(entry.dtype, name);
  }
  const [type] = types.keys();
  if (types.size === 1 && (type === 'F32' || type === 'F16' || type === 'BF16')) return type;
  throw new ModelError(
    'model_unsupported',
    `safetensors: expected all tensors as F32, all as F16 or all as BF16, got ${[...types].map(([got, name]) => `${got} (${name})`).join(' and ')}`,
  );
}
