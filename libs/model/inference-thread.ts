import { workerData } from 'node:worker_threads';
import { Session, type SessionPlan } from './session.js';

/** Crops to score, one after the other: a batch's neighbours can then never move a score. */
export interface InferenceTask {
  readonly pixels: Uint8Array;
  readonly count: number;
}

const session = Session.create(workerData as SessionPlan);
// Said by the first task instead of ending the thread unheard.
session.catch(() => undefined);

/** @returns logits of each crop, `count × labels` */
export default async function score({ pixels, count }: InferenceTask): Promise<Float32Array> {
  const ready = await session;
  const stride = pixels.length / count;
  const rows: Float32Array[] = [];
  for (let i = 0; i < count; i += 1)
    rows.push(await ready.run(pixels.subarray(i * stride, (i + 1) * stride)));
  return Float32Array.from(rows.flatMap((row) => [...row]));
}
