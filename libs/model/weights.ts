import path from 'node:path';
import type { StoredTensor } from './checkpoint.js';
import { readTensorEntries } from './safetensors.js';

/** Tensors that ONNX Runtime maps into memory from the files of one folder. */
export interface Weights {
  readonly folder: string;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
}

/** Weights written earlier by the service itself; null when there are none. */
export async function openWeights(file: string): Promise<Weights | null> {
  try {
    const entries = await readTensorEntries(file, path.basename(file));
    const tensors = new Map<string, StoredTensor>();
    for (const [name, entry] of entries) tensors.set(name, { ...entry, file });
    return { folder: path.dirname(file), tensors };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
