import path from 'node:path';
import { decodeStill } from '../../../libs/media/still.js';
import type { InferenceEngine } from '../../../libs/model/engine.js';
import { resizePillow } from '../../../libs/model/pillow-resize.js';
import type { Golden, GoldenRow } from './golden.js';

/** How far the engine is from golden numbers. */
export interface GoldenComparison {
  /** Pictures and crops of pictures. */
  readonly looks: number;
  /** Largest difference in the fake probability, 0..1, and the picture that has it. */
  readonly maxDifference: number;
  readonly worst: string;
}

/** A picture that golden numbers are of can't be read. */
export class GoldenPictureError extends Error {
  override readonly name = 'GoldenPictureError';
}

/** @throws GoldenPictureError; the signal's reason once aborted */
export async function compareGolden(
  engine: InferenceEngine,
  { pictures, rows }: Golden,
  signal: AbortSignal,
): Promise<GoldenComparison> {
  let maxDifference = 0;
  let worst = rows[0]?.picture ?? '';
  for (const row of rows) {
    const file = path.join(pictures, row.picture);
    const crop = await cropOf(engine, file, row.crop).catch((cause: unknown) => {
      throw new GoldenPictureError(`the picture ${file} is missing or can't be read`, { cause });
    });
    const { fakeProbabilities } = await engine.score(crop, 1, { signal });
    const difference = Math.abs((fakeProbabilities[0] ?? NaN) - row.p_fake);
    if (difference > maxDifference) [maxDifference, worst] = [difference, row.picture];
  }
  return { looks: rows.length, maxDifference, worst };
}

/** A picture, or a part of it, at the model's size. */
export async function cropOf(
  { description: { inputSize, resample } }: InferenceEngine,
  file: string,
  crop: GoldenRow['crop'],
): Promise<Uint8Array> {
  const still = { ...(await decodeStill(file)), channels: 4 as const };
  const rect = crop === null ? undefined : { x1: crop[0], y1: crop[1], x2: crop[2], y2: crop[3] };
  return resizePillow(still, inputSize, inputSize, resample, rect);
}
