import { readdir } from 'node:fs/promises';
import { cpus } from 'node:os';
import path from 'node:path';
import type { InferenceEngine } from '../../../libs/model/engine.js';
import { ModelError } from '../../../libs/model/model-error.js';
import { DTYPES, type Device, type Dtype } from '../../../libs/model/precision.js';
import { PROBE_PICTURES, probePicture } from '../../../libs/model/probe-pictures.js';
import type { LocalModel } from '../../../libs/model/source.js';
import { loadConfig, type Config } from '../../../libs/platform/config/config.js';
import { UsageError } from '../exit-codes.js';
import { bring } from './bring.js';
import { cropOf } from './compare-golden.js';
import { loadEngine } from './load.js';
import { measure } from './measure.js';
import { printFacts, printJson, printTable } from './print.js';
import { targetOf, type ModelOptions, type Target } from './target.js';
import { difference } from './units.js';

export interface BenchOptions extends Omit<ModelOptions, 'dtype'> {
  readonly dtype?: readonly Dtype[];
  readonly rounds: number;
  readonly pictures?: string;
  readonly threads?: number;
}

/** `models bench`: every precision in turn, in one process; figures of different runs can't be compared. */
export async function bench(
  given: string | undefined,
  { dtype: asked, ...options }: BenchOptions,
  signal: AbortSignal,
): Promise<void> {
  const config = loadConfig();
  const chosen = targetOf(given, options, config);
  const target = { ...chosen, threads: options.threads ?? chosen.threads };
  const model = await bring(target, signal);
  const engines: InferenceEngine[] = [];
  try {
    for (const dtype of dtypesOf(asked, target.device)) {
      const engine = await loaded(model, target, config, signal, dtype, asked !== undefined);
      if (engine !== null) engines.push(engine);
    }
    const [first] = engines;
    if (first === undefined) throw new Error('expected a precision to measure');
    const pictures = await picturesOf(first, options.pictures);
    const rows = await measure(engines, pictures, options.rounds, signal, (round) => {
      console.error(`round ${round} of ${options.rounds}`);
    });
    const facts = {
      model: first.description.id,
      revision: first.description.revision,
      device: target.device,
      threads: target.device === 'cpu' ? target.threads : 1,
      rounds: options.rounds,
      pictures: pictures.length,
      machine: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown CPU'}, Node ${process.version}`,
    };
    if (options.json === true) return printJson({ ...facts, rows });
    printFacts(Object.fromEntries(Object.entries(facts).map(([name, v]) => [name, String(v)])));
    printTable(
      ['', 'ms a picture', 'times as fast', '|Δp| max', '|Δp| median'],
      rows.map(({ dtype, ms, times_as_fast, max_difference, median_difference }) => [
        dtype,
        ms.toFixed(1),
        times_as_fast.toFixed(2),
        ...(max_difference === null || median_difference === null
          ? ['reference', '']
          : [difference(max_difference), difference(median_difference)]),
      ]),
      [1, 2, 3, 4],
    );
  } finally {
    await Promise.all(engines.map((engine) => engine.close()));
  }
}

/** fp32 first: the others are held to it. */
function dtypesOf(asked: readonly Dtype[] | undefined, device: Device): readonly Dtype[] {
  const fit = device === 'cpu' ? (['int8', 'int8-fast'] as const) : (['fp16'] as const);
  const wanted: readonly Dtype[] = asked ?? fit;
  return DTYPES.filter((dtype) => dtype === 'fp32' || wanted.includes(dtype));
}

/** Null for a precision that the model can't be run in, where nobody asked for it by name. */
async function loaded(
  model: LocalModel,
  target: Target,
  config: Config,
  signal: AbortSignal,
  dtype: Dtype,
  isAsked: boolean,
): Promise<InferenceEngine | null> {
  console.error(`loading ${dtype} …`);
  try {
    const { threads } = target;
    return await loadEngine(model, target, config, signal, { dtype, gate: 'warn', threads });
  } catch (error) {
    const isOut = error instanceof ModelError && error.code === 'model_unsupported';
    if (!isOut || isAsked || dtype === 'fp32') throw error;
    console.error(`left out: ${error.finding}`);
    return null;
  }
}

async function picturesOf(
  engine: InferenceEngine,
  folder: string | undefined,
): Promise<readonly Uint8Array[]> {
  const { inputSize } = engine.description;
  if (folder === undefined)
    return Array.from({ length: PROBE_PICTURES }, (_, index) => probePicture(index, inputSize));
  const names = await readdir(folder).catch(() => {
    throw new UsageError(`expected a folder of pictures, but there is no folder "${folder}".`);
  });
  const pictures = names.filter((name) => /\.(jpe?g|png|webp|avif|tiff?|gif)$/i.test(name)).sort();
  if (pictures.length === 0) throw new UsageError(`expected pictures in "${folder}", found none.`);
  return Promise.all(pictures.map((name) => cropOf(engine, path.join(folder, name), null)));
}
