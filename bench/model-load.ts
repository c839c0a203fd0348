import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Table from 'cli-table3';
import { parseArchitecture } from '../libs/model/architectures/parse.js';
import { openCheckpoint } from '../libs/model/checkpoint.js';
import { InferenceEngine } from '../libs/model/engine.js';
import { float32Weights } from '../libs/model/float32-weights.js';
import { readModelJson } from '../libs/model/json-file.js';
import { filesIn } from '../libs/model/model-files.js';
import { cpuFloat32 } from '../libs/model/onnx/float-numerics.js';
import { buildVisionTransformerGraph } from '../libs/model/onnx/vision-transformer-graph.js';
import { parseProcessorConfig } from '../libs/model/processor-config.js';
import { resolveModel } from '../libs/model/source.js';
import { tensorsOf } from '../libs/model/vision-transformer.js';

/**
 * What it takes from the start of a process to its first answer, in fp32 on two threads, and what stays in memory.
 *
 * usage: npm run build && node dist/bench/model-load.js FOLDER
 *
 * FOLDER holds a checkpoint, such as one of tools/golden/check_base.sh. Times are those of a file that the system still
 * has in memory; one that it must first read from the disk takes as long as that.
 */
const THREADS = 2;
const CROPS = 16;
const folder = process.argv[2] ?? '';
if (folder === '') throw new Error('expected the folder of a checkpoint');
const cacheDir = await mkdtemp(path.join(tmpdir(), 'model-load-'));
const hub = { endpoint: 'http://127.0.0.1:9', cacheDir, offline: true };
const source = { modelId: 'none/none', revision: 'main', path: folder, hub };

/** Until here Node has started and read the code. */
const started = performance.now();
let { engine, took } = await load();
// A checkpoint in half precision was just widened; what counts is a start that finds it so.
const first = took;
if (await isWidened()) {
  await engine.close();
  ({ engine, took } = await load());
}
await engine.score(new Uint8Array(engine.description.inputSize ** 2 * 3 * CROPS), CROPS);
const { anonymous, mapped } = await residentMb();
await engine.close();
const { hash, scan, graph, weightMb } = await measureParts();
await rm(cacheDir, { recursive: true });

const once = anonymous + mapped - weightMb * (THREADS - 1);
const table = new Table({ head: ['', 'ms'], colAligns: ['left', 'right'] });
const row = (what: string, value: number) => table.push([what, value.toFixed(0)]);
row('Node and the code', started);
row('SHA-256 of the weights', hash);
row('looking for NaN and infinity', scan);
row('graph', graph);
row('sessions, a forward pass in each, and the first answer', took - hash - scan - graph);
row('from the start of the process to the first answer', started + took);
if (first !== took) row('the first time, when the weights are widened', started + first);
console.log(table.toString());
console.log(
  `Resident with ${THREADS} threads: ${once.toFixed(0)} MB, ${(once / weightMb).toFixed(2)} times the ` +
    `${weightMb.toFixed(0)} MB of float32 weights (${anonymous.toFixed(0)} MB of its own; mapped weights counted once)`,
);

async function isWidened(): Promise<boolean> {
  return (await readdir(cacheDir)).some((name) => name.endsWith('.float32.safetensors'));
}

async function load(): Promise<{ readonly engine: InferenceEngine; readonly took: number }> {
  const began = performance.now();
  const engine = await InferenceEngine.load(await resolveModel(source), {
    threads: THREADS,
    cacheDir,
  });
  await engine.score(new Uint8Array(engine.description.inputSize ** 2 * 3), 1);
  return { engine, took: performance.now() - began };
}

/** Milliseconds of the parts, one after the other, as loading takes them. */
async function measureParts() {
  const config = await readModelJson(folder, 'config.json');
  const model = parseArchitecture(config);
  const processorJson = await readModelJson(folder, 'preprocessor_config.json');
  const { weights: files } = await filesIn(folder);
  const laps = [performance.now()];
  const checkpoint = await openCheckpoint(folder, files, tensorsOf(model));
  laps.push(performance.now());
  const weights = await float32Weights(checkpoint, model, cacheDir);
  laps.push(performance.now());
  const processor = parseProcessorConfig(processorJson, config);
  buildVisionTransformerGraph(model, processor, weights, cpuFloat32);
  laps.push(performance.now());
  const [hash = 0, scan = 0, graph = 0] = laps.slice(1).map((lap, i) => lap - (laps[i] ?? 0));
  const bytes = [...weights.tensors.values()].reduce((sum, { length }) => sum + length, 0);
  return { hash, scan, graph, weightMb: bytes / 1e6 };
}

/** Of Linux, in MB; what several threads map of one file is counted for each of them in `RssFile`. */
async function residentMb() {
  const status = await readFile('/proc/self/status', 'utf8');
  const field = (name: string) =>
    (Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1024) / 1e6;
  return { anonymous: field('RssAnon'), mapped: field('RssFile') };
}
