import { open } from 'node:fs/promises';
import path from 'node:path';
import type { Checkpoint } from './checkpoint.js';
import { derivedWeights } from './derived-weights.js';
import { ModelError } from './model-error.js';
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
    for (const name of names) await readFloats(checkpoint, name);
    return { folder, tensors: checkpoint.tensors };
  }
  return derivedWeights(checkpoint, 'float32', cacheDir, () =>
    tensorsOf(model).map(({ name, shape }) => ({
      name,
      dtype: 'F32',
      shape,
      bytes: async () => new Uint8Array((await readFloats(checkpoint, name)).buffer),
    })),
  );
}

/**
 * A tensor's values as float32; exact, whatever its type.
 * @throws ModelError naming it when a value is not a finite number
 */
export async function readFloats(checkpoint: Checkpoint, name: string): Promise<Float32Array> {
  const tensor = checkpoint.tensors.get(name);
  if (tensor === undefined) throw new Error(`expected the tensor ${name} to have been checked`);
  // Of its own buffer, so that it starts on an even offset.
  const bytes = new Uint8Array(tensor.length);
  const file = await open(tensor.file);
  try {
    await file.read(bytes, 0, tensor.length, tensor.offset);
  } finally {
    await file.close();
  }
  const values =
    tensor.dtype === 'F16' || tensor.dtype === 'BF16'
      ? widen(bytes, tensor.dtype)
      : new Float32Array(bytes.buffer);
  if (areFinite(values)) return values;
  throw new ModelError('model_invalid', `safetensors: tensor ${name} holds NaN or infinity`);
}

function areFinite(values: Float32Array): boolean {
  // A sum is finite only if all its parts are; cheaper than a test for each, and float64 has the room.
  let sum = 0;
  // By index: an iterator takes several times as long over 90 million values.
  for (let i = values.length; i-- > 0;) sum += values[i] as number;
  return Number.isFinite(sum);
}
