import { open, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import type { Checkpoint, StoredTensor } from './checkpoint.js';
import { derivedWeights } from './derived-weights.js';
import { ModelError } from './model-error.js';
import { writeSafetensors } from './safetensors-file.js';
import { tensorsOf, type VisionTransformer } from './vision-transformer.js';
import type { Weights } from './weights.js';
import { widen } from './widen.js';

/**
 * The weights as float32: the checkpoint itself where it is F32, which is then only looked through, else a widened copy.
 * @throws ModelError naming a tensor that holds a value which is not a finite number
 */
export async function float32Weights(
  checkpoint: Checkpoint,
  model: VisionTransformer,
  cacheDir: string,
): Promise<Weights> {
  const names = tensorsOf(model).map(({ name }) => name);
  const folders = new Set(
    names.map((name) => path.dirname(checkpoint.tensors.get(name)?.file ?? '')),
  );
  const [folder] = folders;
  if (checkpoint.type === 'F32' && folders.size === 1 && folder !== undefined) {
    await lookThrough(checkpoint, names);
    return { folder, tensors: checkpoint.tensors };
  }
  return derivedWeights(checkpoint, 'float32', cacheDir, (target) =>
    writeSafetensors(
      target,
      tensorsOf(model).map(({ name, shape }) => ({
        name,
        dtype: 'F32',
        shape,
        bytes: async () => new Uint8Array((await readFloats(checkpoint, name)).buffer),
      })),
    ),
  );
}

/** Multiple of a float's bytes. */
const CHUNK_BYTES = 1024 * 1024;

/** Looks through float32 tensors piece by piece, so that nothing large is left in memory. */
async function lookThrough(checkpoint: Checkpoint, names: readonly string[]): Promise<void> {
  const chunk = new Uint8Array(CHUNK_BYTES);
  const files = new Map<string, FileHandle>();
  try {
    for (const name of names) {
      const { file, offset, length } = tensorOf(checkpoint, name);
      const handle = files.get(file) ?? (await open(file));
      files.set(file, handle);
      for (let done = 0; done < length; done += CHUNK_BYTES) {
        const part = chunk.subarray(0, Math.min(CHUNK_BYTES, length - done));
        await readFully(handle, part, offset + done);
        refuseNonFinite(name, new Float32Array(chunk.buffer, 0, part.length / 4));
      }
    }
  } finally {
    for (const handle of files.values()) await handle.close();
  }
}

/**
 * A tensor's values as float32; exact, whatever its type.
 * @throws ModelError naming it when a value is not a finite number
 */
export async function readFloats(checkpoint: Checkpoint, name: string): Promise<Float32Array> {
  const tensor = tensorOf(checkpoint, name);
  // Of its own buffer, so that it starts on an even offset.
  const bytes = new Uint8Array(tensor.length);
  const file = await open(tensor.file);
  try {
    await readFully(file, bytes, tensor.offset);
  } finally {
    await file.close();
  }
  const values =
    tensor.dtype === 'F16' || tensor.dtype === 'BF16'
      ? widen(bytes, tensor.dtype)
      : new Float32Array(bytes.buffer);
  refuseNonFinite(name, values);
  return values;
}

function tensorOf({ tensors }: Checkpoint, name: string): StoredTensor {
  const tensor = tensors.get(name);
  if (tensor === undefined) throw new Error(`expected the tensor ${name} to have been checked`);
  return tensor;
}

/** One call reads 2 GB at most, and may read less. */
async function readFully(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesRead } = await file.read(bytes, done, bytes.length - done, position + done);
    if (bytesRead === 0)
      throw new ModelError(
        'model_invalid',
        'safetensors: the file became shorter while being read',
      );
    done += bytesRead;
  }
}

function refuseNonFinite(name: string, values: Float32Array): void {
  if (!areFinite(values))
    throw new ModelError('model_invalid', `safetensors: tensor ${name} holds NaN or infinity`);
}

function areFinite(values: Float32Array): boolean {
  // A sum is finite only if all its parts are; cheaper than a test for each, and float64 has the room.
  let sum = 0;
  // By index: an iterator takes several times as long over 90 million values.
  for (let i = values.length; i-- > 0;) sum += values[i] as number;
  return Number.isFinite(sum);
}
