import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import Table from 'cli-table3';
import { INFERENCE_ENVIRONMENT } from '../apps/standalone/inference-environment.js';
import { parseArchitecture } from '../libs/model/architectures/parse.js';
import { openCheckpoint } from '../libs/model/checkpoint.js';
import { InferenceEngine } from '../libs/model/engine.js';
import { readModelJson } from '../libs/model/json-file.js';
import { filesIn } from '../libs/model/model-files.js';
import { resolveModel } from '../libs/model/source.js';
import { tensorsOf } from '../libs/model/vision-transformer.js';

/**
 * What it takes from the start of a process to its first answer, in fp32 on two threads, and what stays in memory: after 17
 * pictures, and after 256 more. A process before it loads the model for the first time, which packs the weights. Both have the
 * environment of an inference worker.
 *
 * usage: npm run build && node dist/bench/model-load.js FOLDER [CACHE]
 *
 * FOLDER holds a checkpoint, such as one of tools/golden/check_base.sh; CACHE is a folder that was filled before. Times are
 * those of files that the system still has in memory; what it must first read from the disk takes as long as that.
 */
const THREADS = 2;
const CROPS = 16;
const MORE_RUNS = 16;
const [folder = '', filled, role] = process.argv.slice(2);
if (folder === '') throw new Error('expected the folder of a checkpoint');
const cacheDir = filled ?? (await mkdtemp(path.join(tmpdir(), 'model-load-')));
const hub = { endpoint: 'http://127.0.0.1:9', cacheDir, offline: true };
const source = { modelId: 'none/none', revision: 'main', path: folder, hub };

if (role !== 'measure') {
  const script = fileURLToPath(import.meta.url);
  const first = filled === undefined ? ['The first time:'] : [];
  for (const title of [...first, 'From a filled cache:']) {
    console.log(title);
    const { status } = spawnSync(process.execPath, [script, folder, cacheDir, 'measure'], {
      stdio: 'inherit',
      env: { ...INFERENCE_ENVIRONMENT, ...process.env },
    });
    if (status !== 0) throw new Error('expected the model to be loaded');
  }
  if (filled === undefined) await rm(cacheDir, { recursive: true });
  process.exit();
}

/** Until here Node has started and read the code. */
const started = performance.now();
const { engine, took } = await load();
const crops = new Uint8Array(engine.description.inputSize ** 2 * 3 * CROPS);
await engine.score(crops, CROPS);
const resident = await residentMb();
for (let run = 0; run < MORE_RUNS; run += 1) await engine.score(crops, CROPS);
const later = await residentMb();
await engine.close();
const { hash, weightMb } = await measureHash();

const table = new Table({ head: ['', 'ms'], colAligns: ['left', 'right'] });
const row = (what: string, value: number) => table.push([what, value.toFixed(0)]);
row('Node and the code', started);
row('SHA-256 of the weights', hash);
row('sessions, a forward pass in each, and the first answer', took - hash);
row('from the start of the process to the first answer', started + took);
console.log(table.toString());
const inWords = (mb: number) => `${mb.toFixed(0)} MB, ${(mb / weightMb).toFixed(2)} times`;
console.log(
  `Resident with ${THREADS} threads: ${inWords(resident)} the ${weightMb.toFixed(0)} MB of the checkpoint; after ` +
    `${MORE_RUNS * CROPS} more pictures ${inWords(later)}`,
);

async function load(): Promise<{ readonly engine: InferenceEngine; readonly took: number }> {
  const began = performance.now();
  const engine = await InferenceEngine.load(await resolveModel(source), {
    threads: THREADS,
    cacheDir,
  });
  await engine.score(new Uint8Array(engine.description.inputSize ** 2 * 3), 1);
  return { engine, took: performance.now() - began };
}

/** Milliseconds of the part that depends on the disk and the processor alone. */
async function measureHash() {
  const model = parseArchitecture(await readModelJson(folder, 'config.json'));
  const { weights: files } = await filesIn(folder);
  const began = performance.now();
  await openCheckpoint(folder, files, tensorsOf(model));
  const hash = performance.now() - began;
  const sizes = await Promise.all(files.map((name) => stat(path.join(folder, name))));
  return { hash, weightMb: sizes.reduce((sum, { size }) => sum + size, 0) / 1e6 };
}

/** Of Linux, in MB. Each thread maps the weights for itself; their pages are counted once, as they are in memory once. */
async function residentMb(): Promise<number> {
  const maps = (await readFile('/proc/self/smaps', 'utf8')).split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m);
  const kilobytes = (map: string, field: string) =>
    Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(map)?.[1] ?? 0);
  const isOfWeights = (map: string) => map.slice(0, map.indexOf('\n')).includes(cacheDir);
  const sum = maps.reduce(
    (total, map) => total + kilobytes(map, isOfWeights(map) ? 'Pss' : 'Rss'),
    0,
  );
  return (sum * 1024) / 1e6;
}
