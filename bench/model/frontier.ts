import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import Table from 'cli-table3';
import { parseArchitecture } from '../../libs/model/architectures/parse.js';
import { openCheckpoint } from '../../libs/model/checkpoint.js';
import { float32Weights } from '../../libs/model/float32-weights.js';
import { InferencePool } from '../../libs/model/inference-pool.js';
import { int8Weights } from '../../libs/model/int8-weights.js';
import { readModelJson } from '../../libs/model/json-file.js';
import { fakeProbability, fakeRuleOf } from '../../libs/model/labels.js';
import { filesIn } from '../../libs/model/model-files.js';
import { normalisationTable } from '../../libs/model/normalise.js';
import { cpuFloat32 } from '../../libs/model/onnx/float-numerics.js';
import { buildVisionTransformerGraph } from '../../libs/model/onnx/vision-transformer-graph.js';
import { parseProcessorConfig } from '../../libs/model/processor-config.js';
import { Session } from '../../libs/model/session.js';
import { tensorsOf } from '../../libs/model/vision-transformer.js';
import { quantile } from '../../libs/scoring/statistics.js';
import { baseCheckpoint, pythonEnvironment } from './checkpoint.js';
import { frontierSvg } from './frontier-plot.js';
import { frontierVariants } from './frontier-variants.js';
import { variedCrops } from './pictures.js';

/**
 * `npm run bench:frontier`: what accuracy costs in time, and what costs accuracy: the encoder in 8 and 16 bits in various
 * places, and with parts of the method left out, each timed and held to fp32 in the same run. Of a checkpoint of base size
 * with random weights unless MODEL_PATH names another.
 */
const root = fileURLToPath(new URL('../../../', import.meta.url));
const ROUNDS = Number(process.env.ROUNDS ?? 7);
const PICTURES = Number(process.env.PICTURES ?? 208);
const PICTURES_PER_ROUND = 8;
const threads = cpus().length;

const folder = process.env.MODEL_PATH ?? baseCheckpoint(pythonEnvironment());
const cacheDir = await mkdtemp(path.join(tmpdir(), 'bench-frontier-'));
const pools: InferencePool[] = [];
try {
  const config = await readModelJson(folder, 'config.json');
  const model = parseArchitecture(config);
  const processor = parseProcessorConfig(
    await readModelJson(folder, 'preprocessor_config.json'),
    config,
  );
  const rule = fakeRuleOf(model.labels, process.env.MODEL_FAKE_LABEL ?? null);
  const { weights: files } = await filesIn(folder);
  const checkpoint = await openCheckpoint(folder, files, tensorsOf(model));
  const pictures = ['test/fixtures/golden/pictures', 'demo'].map((name) => path.join(root, name));
  const crops = await variedCrops(pictures, PICTURES, processor.size, processor.resample);
  const conversion = { checkpoint, config, model, processor, cacheDir, onNotice: () => undefined };

  const variants = [
    { name: 'fp32', group: 'frontier' as const, numerics: cpuFloat32, method: null },
    ...frontierVariants(model.layers),
  ];
  const lanes = [];
  for (const [at, { name, group, numerics, method }] of variants.entries()) {
    console.log(`Loading ${at + 1} of ${variants.length}: ${name} …`);
    const weights =
      method === null
        ? await float32Weights(checkpoint, model, cacheDir)
        : await int8Weights(conversion, method);
    const packed = await mkdtemp(path.join(cacheDir, 'packed-'));
    const plan = await Session.pack(
      {
        kind: 'graph',
        graph: buildVisionTransformerGraph(model, weights, numerics),
        weightsFolder: weights.folder,
        inputSize: processor.size,
        device: 'cpu',
        layout: 'own',
        table: normalisationTable(processor),
      },
      packed,
    );
    const pool = new InferencePool(plan, model.labels.length, {
      threads,
      batch: 1,
      cropsPerTask: 4,
      onNotice: console.error,
    });
    pools.push(pool);
    await pool.warmUp(processor.size);
    lanes.push({ name, group, pool, rounds: [] as number[] });
  }
  const score = (pool: InferencePool, count: number) =>
    pool.score(count, (index) => crops[index] as Uint8Array, {});
  for (let round = 1; round <= ROUNDS; round += 1) {
    for (const { pool, rounds } of lanes) {
      const began = performance.now();
      await score(pool, PICTURES_PER_ROUND);
      rounds.push((performance.now() - began) / PICTURES_PER_ROUND);
    }
    console.log(`round ${round} of ${ROUNDS}`);
  }
  const points = [];
  let exact: readonly number[] | null = null;
  for (const { name, group, pool, rounds } of lanes) {
    console.log(`Fake probabilities of ${crops.length} pictures: ${name} …`);
    const rows = await score(pool, crops.length);
    const fake = rows.map((row) => fakeProbability(row, rule));
    exact ??= fake;
    const base = lanes[0]?.rounds ?? [];
    const differences = fake.map((p, i) => Math.abs(p - (exact?.[i] ?? NaN)));
    const ratios = rounds.map((ms, i) => (base[i] ?? NaN) / ms);
    points.push({
      name,
      group,
      ms: quantile(rounds, 0.5),
      timesFp32: quantile(ratios, 0.5),
      max: Math.max(...differences),
      p99: quantile(differences, 0.99),
      median: quantile(differences, 0.5),
    });
  }
  const table = new Table({
    head: ['', 'ms a picture', '× fp32', '|Δp| max', '|Δp| 99 %', '|Δp| median'],
    style: { head: [], border: [] },
    colAligns: ['left', 'right', 'right', 'right', 'right', 'right'],
  });
  for (const { name, ms, timesFp32, max, p99, median } of points) {
    const differences = [max, p99, median].map((value) => value.toPrecision(2));
    table.push([name, ms.toFixed(1), timesFp32.toFixed(2), ...differences]);
  }
  console.log(`\n${table.toString()}`);
  const results = path.join(root, 'bench/results');
  await mkdir(results, { recursive: true });
  const target = path.join(results, `frontier-${new Date().toISOString().replaceAll(':', '-')}`);
  const machine = { cores: threads, cpu: cpus()[0]?.model ?? '', node: process.version };
  const report = { machine, pictures: crops.length, points };
  await writeFile(`${target}.json`, `${JSON.stringify(report, null, 2)}\n`);
  await writeFile(`${target}.svg`, frontierSvg(points));
  console.log(`written to ${target}.json and .svg`);
} finally {
  await Promise.all(pools.map((pool) => pool.close()));
  await rm(cacheDir, { recursive: true, force: true });
}
