import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { Checkpoint } from './checkpoint.js';
import { ModelError } from './model-error.js';
import { openWeights, type Weights } from './weights.js';

/**
 * Weights made from a checkpoint, once: a file in `cacheDir` named by the checkpoint's hash and by what was made of it.
 * Several processes may make it at once; each writes a file of its own, and the last one's stays.
 * @param kind what it is, with a version that changes whenever the values would
 * @param make writes the file, which is to appear under its name only when it is whole
 */
export async function derivedWeights(
  checkpoint: Checkpoint,
  kind: string,
  cacheDir: string,
  make: (target: string) => Promise<void>,
): Promise<Weights> {
  const target = path.join(cacheDir, `${checkpoint.sha256}.${kind}.safetensors`);
  const known = await openIntact(target);
  if (known !== null) return known;
  await make(target);
  const written = await openWeights(target);
  if (written === null) throw new Error(`expected ${target}, which was just written`);
  return written;
}

/** A file that was damaged after it was written is made anew. */
async function openIntact(target: string): Promise<Weights | null> {
  try {
    return await openWeights(target);
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    await rm(target, { force: true });
    return null;
  }
}
