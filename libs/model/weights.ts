import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { ModelError } from './model-error.js';
import type { TensorEntry, TensorType } from './safetensors.js';
import type { NamedShape } from './siglip-tensors.js';
import { widen } from './widen.js';

/** Float32 weights in a file that ONNX Runtime maps into memory. */
export interface WeightsFile {
  readonly folder: string;
  readonly name: string;
  /** Where each tensor lies in it. */
  readonly entries: ReadonlyMap<string, TensorEntry>;
}

const CHUNK_BYTES = 8 * 1024 * 1024;

/** SHA-256 of a file, in lower-case hexadecimal. */
export async function sha256OfFile(file: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  const handle = await open(file);
  try {
    for await (const chunk of handle.createReadStream({ highWaterMark: CHUNK_BYTES, signal })) {
      hash.update(chunk as Buffer);
    }
  } finally {
    await handle.close();
  }
  return hash.digest('hex');
}

/**
 * The needed tensors as float32 in one file: the checkpoint itself where it is F32, else a widened copy, made once and
 * named by the checkpoint's hash.
 * @throws ModelError naming a tensor that holds a value which is not a finite number
 */
export async function float32Weights(
  checkpoint: { readonly file: string; readonly sha256: string; readonly type: TensorType },
  needed: readonly NamedShape[],
  entries: ReadonlyMap<string, TensorEntry>,
  cacheDir: string,
): Promise<WeightsFile> {
  const { file, sha256, type } = checkpoint;
  const source = await open(file);
  try {
    const tensors = needed.map(({ name }) => ({ name, entry: entries.get(name) as TensorEntry }));
    if (type === 'F32') {
      for (const { name, entry } of tensors)
        refuseNonFinite(name, asFloats(await readTensor(source, entry)));
      return { folder: path.dirname(file), name: path.basename(file), entries };
    }
    const name = `weights-${sha256}.f32`;
    const target = path.join(cacheDir, name);
    const widened = new Map<string, TensorEntry>();
    let offset = 0;
    for (const { name: tensor, entry } of tensors) {
      const length = entry.length * 2;
      widened.set(tensor, { dtype: 'F32', shape: entry.shape, offset, length });
      offset += length;
    }
    if (!(await hasSize(target, offset))) {
      await mkdir(cacheDir, { recursive: true });
      const temporary = path.join(cacheDir, `${name}.${randomUUID()}`);
      const out = await open(temporary, 'wx');
      try {
        for (const { name: tensor, entry } of tensors) {
          const values = widen(await readTensor(source, entry), type);
          refuseNonFinite(tensor, values);
          await out.write(new Uint8Array(values.buffer));
        }
        await out.sync();
        await out.close();
        await rename(temporary, target);
      } catch (error) {
        await out.close().catch(() => undefined);
        await rm(temporary, { force: true });
        throw error;
      }
    }
    return { folder: cacheDir, name, entries: widened };
  } finally {
    await source.close();
  }
}

async function readTensor(
  file: Awaited<ReturnType<typeof open>>,
  entry: TensorEntry,
): Promise<Uint8Array> {
  // Of its own buffer, so that it starts on an even offset.
  const bytes = new Uint8Array(entry.length);
  await file.read(bytes, 0, entry.length, entry.offset);
  return bytes;
}

function asFloats(bytes: Uint8Array): Float32Array {
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
}

function refuseNonFinite(name: string, values: Float32Array): void {
  // A sum is finite only if all its parts are; cheaper than a test for each, and float64 has the room.
  let sum = 0;
  for (const value of values) sum += value;
  if (Number.isFinite(sum)) return;
  throw new ModelError('model_invalid', `model.safetensors: tensor ${name} holds NaN or infinity`);
}

async function hasSize(file: string, bytes: number): Promise<boolean> {
  try {
    return (await stat(file)).size === bytes;
  } catch {
    return false;
  }
}
