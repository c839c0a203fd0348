import { workerData } from 'node:worker_threads';
import { runInBatches } from './batches.js';
import { ModelError, type ModelErrorCode } from './model-error.js';
import { openSession, type AnySessionPlan } from './open-session.js';

/** What a thread starts with. */
export interface ThreadPlan {
  readonly session: AnySessionPlan;
  /** Crops in one run. */
  readonly batch: number;
}

/** Crops to score, RGB at model size one after the other. */
export interface InferenceTask {
  /** Not written to before the answer. */
  readonly pixels: Uint8Array<SharedArrayBuffer>;
  readonly count: number;
}

export interface InferenceAnswer {
  /** `count × labels`. */
  readonly logits: Float32Array;
  /** Something an operator should know. */
  readonly notice: string | null;
}

/**
 * An error as it is handed over: it would lose its class between threads, and a task that is rejected is one whose thread
 * died.
 */
export interface InferenceFailure {
  readonly failure: { readonly code: ModelErrorCode | null; readonly message: string };
}

const plan = workerData as ThreadPlan;
let batch = plan.batch;
const session = openSession(plan.session);
// Said by the first task instead of ending the thread unheard.
session.catch(() => undefined);

export default async function answer(
  task: InferenceTask,
): Promise<InferenceAnswer | InferenceFailure> {
  try {
    return await score(task);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { failure: { code: error instanceof ModelError ? error.code : null, message } };
  }
}

async function score({ pixels, count }: InferenceTask): Promise<InferenceAnswer> {
  const ready = await session;
  const before = batch;
  const { logits, fits } = await runInBatches(ready, pixels, count, batch);
  batch = fits;
  const notice =
    batch === before
      ? null
      : `The device's memory is too small for ${before} crops at a time: going on with ${batch}.`;
  return { logits, notice };
}
