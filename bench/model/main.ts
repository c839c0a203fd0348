import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import Table from 'cli-table3';
import { parseArchitecture } from '../../libs/model/architectures/parse.js';
import { InferenceEngine } from '../../libs/model/engine.js';
import { readModelJson } from '../../libs/model/json-file.js';
import { resizePillow } from '../../libs/model/pillow-resize.js';
import { DTYPES, type Dtype } from '../../libs/model/precision.js';
import { resolveModel } from '../../libs/model/source.js';
import { quantile } from '../../libs/scoring/statistics.js';
import { baseCheckpoint, pythonEnvironment } from './checkpoint.js';
import { matmulPeak } from './matmul-peak.js';
import { operationsOf } from './operations.js';
import { variedCrops } from './pictures.js';
import { TorchRival } from './torch-rival.js';

/**
 * `npm run bench:model`: the model alone, in every precision, beside PyTorch in the same run: milliseconds a picture in
 * interleaved rounds, and how far the fake probabilities are from fp32's. A checkpoint of base size with random weights
 * unless MODEL_PATH names another; without PyTorch where TORCH=0.
 */
const root = fileURLToPath(new URL('../../../', import.meta.url));
const ROUNDS = Number(process.env.ROUNDS ?? 12);
const PICTURES = Number(process.env.PICTURES ?? 208);
const PICTURES_PER_ROUND = 8;
/** PyTorch's variants and batches; its best is what matters. */
const RIVALS = [
  ['eager', 1],
  ['eager', 4],
  ['eager', 8],
  ['bf16-compiled', 8],
] as const;
const threads = cpus().length;
const withTorch = process.env.TORCH !== '0';

const python = withTorch || process.env.MODEL_PATH === undefined ? pythonEnvironment() : '';
const checkpoint = process.env.MODEL_PATH ?? baseCheckpoint(python);
const cacheDir = await mkdtemp(path.join(tmpdir(), 'bench-model-'));
const keep = process.env.BENCH_CACHE ?? cacheDir;

/** One way to compute the model: how long it took a picture in each round, and what it answered. */
interface Lane {
  readonly name: string;
  readonly time: () => Promise<number>;
  readonly score: () => Promise<readonly number[]>;
  readonly rounds: number[];
}

try {
  const hub = { endpoint: 'http://127.0.0.1:9', cacheDir: keep, offline: true };
  const source = { modelId: 'none/none', revision: 'main', path: checkpoint, hub };
  const model = await resolveModel(source);
  const load = (dtype: Dtype) => {
    console.log(`Loading ${dtype} …`);
    return InferenceEngine.load(model, { threads, cacheDir: keep, dtype, gate: 'warn' });
  };
  const wanted = (process.env.DTYPES?.split(',') ?? DTYPES.filter((d) => d !== 'fp16')) as Dtype[];
  const engines = new Map<Dtype, InferenceEngine>();
  for (const dtype of wanted) engines.set(dtype, await load(dtype));
  const [anyEngine] = engines.values();
  if (anyEngine === undefined) throw new Error('expected at least one precision in DTYPES');
  const { inputSize, resample } = anyEngine.description;
  const folders = ['test/fixtures/golden/pictures', 'demo'].map((name) => path.join(root, name));
  const crops = await variedCrops(folders, PICTURES, inputSize, resample);
  const all = Buffer.concat(crops);
  const some = all.subarray(0, inputSize * inputSize * 3 * PICTURES_PER_ROUND);

  const lanes: Lane[] = [...engines].map(([dtype, engine]) => ({
    name: dtype,
    rounds: [],
    time: () => timed(() => engine.score(some, PICTURES_PER_ROUND), PICTURES_PER_ROUND),
    score: async () => (await engine.score(all, crops.length)).fakeProbabilities,
  }));
  let rival: TorchRival | null = null;
  let torch: string | null = null;
  if (withTorch) {
    console.log('Starting PyTorch …');
    const file = path.join(cacheDir, 'crops.u8');
    await writeFile(file, all);
    const script = path.join(root, 'tools/bench/torch_rival.py');
    const started = await TorchRival.start(python, script, checkpoint, file, crops.length);
    ({ rival, version: torch } = started);
    const answers = new Map<string, Promise<readonly number[]>>();
    for (const [variant, batch] of RIVALS) {
      lanes.push({
        name: `torch ${variant}, batch ${batch}`,
        rounds: [],
        time: () => started.rival.time(variant, batch),
        score: () => {
          const known = answers.get(variant) ?? started.rival.score(variant);
          answers.set(variant, known);
          return known;
        },
      });
    }
  }

  console.log('First passes …');
  for (const lane of lanes) await lane.time();
  for (let round = 1; round <= ROUNDS; round += 1) {
    for (const lane of lanes) lane.rounds.push(await lane.time());
    console.log(`round ${round} of ${ROUNDS}`);
  }
  const preprocessing = preprocessingTime(crops.length, inputSize, resample);
  const peak = await matmulPeak(8);
  console.log(`Fake probabilities of ${crops.length} pictures …`);
  const exact = (await lanes[0]?.score()) ?? [];
  const rows = [];
  const base = lanes[0]?.rounds ?? [];
  const operations = operationsOf(
    parseArchitecture(await readModelJson(checkpoint, 'config.json')),
  );
  for (const lane of lanes) {
    const differences = (await lane.score()).map((p, i) => Math.abs(p - (exact[i] ?? NaN)));
    const ms = quantile(lane.rounds, 0.5);
    rows.push({
      name: lane.name,
      ms: rounded(ms, 1),
      // The median of the rounds' own ratios: a busy moment of the machine then falls on both sides.
      times_fp32: rounded(
        quantile(
          lane.rounds.map((value, round) => (base[round] ?? NaN) / value),
          0.5,
        ),
        2,
      ),
      max_difference: Math.max(...differences),
      p99_difference: quantile(differences, 0.99),
      median_difference: quantile(differences, 0.5),
    });
  }
  const fp32 = quantile(base, 0.5);
  const results = {
    machine: { cores: cpus().length, cpu: cpus()[0]?.model ?? '', node: process.version, torch },
    model: { checkpoint: path.basename(checkpoint), gigaflop_per_picture: rounded(operations, 1) },
    pictures: {
      count: crops.length,
      probability_quartiles: [0, 0.25, 0.5, 0.75, 1].map((q) => rounded(quantile(exact, q), 3)),
    },
    lanes: rows,
    preprocessing: {
      ms: rounded(preprocessing, 2),
      share_of_fp32: rounded(preprocessing / fp32, 3),
    },
    roofline: {
      matmul_peak_gflops_per_thread: rounded(peak, 1),
      fp32_gflops_per_thread: rounded((operations * 1000) / fp32 / threads, 1),
      share: rounded((operations * 1000) / fp32 / threads / peak, 2),
    },
    accuracy_at_load: Object.fromEntries(
      [...engines].map(([dtype, engine]) => [dtype, engine.description.accuracy]),
    ),
  };
  show(results);
  const file = path.join(
    root,
    'bench/results',
    `model-${new Date().toISOString().replaceAll(':', '-')}.json`,
  );
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(results, null, 2)}\n`);
  console.log(`\nwritten to ${file}`);
  await Promise.all([...engines.values()].map((engine) => engine.close()));
  await rival?.stop();
} finally {
  await rm(cacheDir, { recursive: true, force: true });
}

function show(results: {
  lanes: readonly Record<string, string | number>[];
  preprocessing: { ms: number; share_of_fp32: number };
  roofline: {
    matmul_peak_gflops_per_thread: number;
    fp32_gflops_per_thread: number;
    share: number;
  };
}): void {
  const head = ['', 'ms a picture', '× fp32', '|Δp| max', '|Δp| 99 %', '|Δp| median'];
  const table = new Table({ head, style: { head: [], border: [] } });
  for (const row of results.lanes) {
    const differences = [row.max_difference, row.p99_difference, row.median_difference];
    table.push([
      row.name ?? '',
      row.ms ?? '',
      row.times_fp32 ?? '',
      ...differences.map((value) => Number(value).toPrecision(2)),
    ]);
  }
  const { preprocessing, roofline } = results;
  console.log(
    `\n${table.toString()}\n` +
      `preprocessing (resize of a 300-pixel face): ${preprocessing.ms} ms, ${(preprocessing.share_of_fp32 * 100).toFixed(1)} % of fp32\n` +
      `roofline: fp32 reaches ${roofline.fp32_gflops_per_thread} of ${roofline.matmul_peak_gflops_per_thread} GFLOP/s a thread, ${Math.round(roofline.share * 100)} %`,
  );
}

/** Milliseconds a face: from a 300-pixel square of a frame to model size. */
function preprocessingTime(count: number, size: number, resample: 1 | 2 | 3): number {
  const frame = {
    width: 1280,
    height: 720,
    channels: 4 as const,
    data: new Uint8Array(1280 * 720 * 4),
  };
  frame.data.forEach((_, i) => (frame.data[i] = Math.imul(i, 2654435761) >>> 24));
  const began = performance.now();
  for (let i = 0; i < count; i += 1) {
    const x1 = (i * 7) % 900;
    resizePillow(frame, size, size, resample, { x1, y1: 200, x2: x1 + 300, y2: 500 });
  }
  return (performance.now() - began) / count;
}

async function timed(work: () => Promise<unknown>, pictures: number): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / pictures;
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
