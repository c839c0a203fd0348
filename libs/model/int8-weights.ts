import { availableParallelism } from 'node:os';
import { Piscina } from 'piscina';
import { turnOffRuntimeTelemetry } from '../platform/config/runtime-telemetry.js';
import { workerEntry } from '../platform/worker-entry.js';
import type { Checkpoint } from './checkpoint.js';
import { derivedWeights } from './derived-weights.js';
import { float32Weights } from './float32-weights.js';
import type { Int8Task } from './int8-thread.js';
import type { ProcessorConfig } from './processor-config.js';
import type { VisionTransformer } from './vision-transformer.js';
import type { Weights } from './weights.js';

/** What weights are made from. */
export interface Conversion {
  readonly checkpoint: Checkpoint;
  /** `config.json` */
  readonly config: Readonly<Record<string, unknown>>;
  readonly model: VisionTransformer;
  readonly processor: ProcessorConfig;
  readonly cacheDir: string;
  readonly onNotice: (notice: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * The encoder's weight matrices in twice 8 bits, see {@link file://./int8-thread.ts}, all else in float32. Made of the
 * checkpoint and of generated pictures alone.
 */
export function int8Weights(conversion: Conversion): Promise<Weights> {
  const { checkpoint, config, model, processor, cacheDir, onNotice, signal } = conversion;
  return derivedWeights(checkpoint, 'int8x2-3', cacheDir, async (target) => {
    const exact = await float32Weights(checkpoint, model, cacheDir);
    onNotice(
      'Rounding the weights to 8 bits by what they do to generated pictures: once for each checkpoint, about a minute for a model of base size.',
    );
    const threads = availableParallelism();
    await inThread({ target, checkpoint, config, processor, exact, threads }, signal);
  });
}

async function inThread(task: Int8Task, signal: AbortSignal | undefined): Promise<void> {
  turnOffRuntimeTelemetry();
  const thread = new Piscina<Int8Task, void>({
    filename: workerEntry(import.meta.url, './int8-thread.js'),
    minThreads: 1,
    maxThreads: 1,
    atomics: 'disabled',
  });
  try {
    await thread.run(task, signal === undefined ? {} : { signal });
  } finally {
    await thread.destroy();
  }
}
