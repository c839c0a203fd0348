import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import Table from 'cli-table3';
import { freePort } from '../apps/standalone/ports.js';
import { startPart, stopPart, type RunningPart } from '../apps/standalone/supervisor/part.js';
import { ActivityTimes } from './activity-times.js';
import { measureOverhead } from './overhead.js';
import { peakMemory, residentMemory } from './process-memory.js';
import { measureStages } from './stages.js';
import { startServer } from './temporal-server.js';

/**
 * `npm run bench`: where speed and memory are shown. Real processes on a server of their own; machines are noisy, so
 * what counts are ratios within one run. MODEL_PATH names another model than the demo's.
 */
const root = fileURLToPath(new URL('../../', import.meta.url));
const modelPath = process.env.MODEL_PATH ?? path.join(root, 'models/demo');
const video = path.join(root, 'demo/interview.mp4');
const picture = await readFile(path.join(root, 'demo/portrait.jpg'));

console.log('Stages, one thread each …');
const stages = await measureStages(video, modelPath);

console.log('Orchestration, with the real processes …');
const dataDir = await mkdtemp(path.join(tmpdir(), 'bench-service-'));
const server = await startServer(path.join(dataDir, 'temporal.db'));
const temporalAddress = server.address;
const apiPort = await freePort();
const parts: RunningPart[] = [];
const times = new ActivityTimes();

async function start(name: string, entry: string, ...args: string[]): Promise<RunningPart> {
  const env = {
    ...process.env,
    TEMPORAL_ADDRESS: temporalAddress,
    DATA_DIR: dataDir,
    MODEL_PATH: modelPath,
    PORT: String(apiPort),
    LOG_LEVEL: name === 'api' ? 'warn' : 'debug',
  };
  const plan = {
    name,
    command: process.execPath,
    args: [path.join(root, 'dist', entry), ...args],
    env,
  };
  const part = startPart(plan, () => undefined);
  if (part.process.stdout !== null) times.follow(part.process.stdout);
  part.process.stderr?.pipe(process.stderr);
  parts.push(part);
  await Promise.race([
    part.ready,
    part.ended.then(({ code }) =>
      Promise.reject(new Error(`${name} ended with ${code ?? 'a signal'}`)),
    ),
  ]);
  return part;
}

try {
  const media = await start('media', 'apps/worker/main.js', 'media');
  const inference = await start('inference', 'apps/worker/main.js', 'inference');
  const api = await start('api', 'apps/api/main.js');
  await start('empty media', 'bench/empty/worker.js', 'media');
  await start('empty inference', 'bench/empty/worker.js', 'inference');
  const url = `http://127.0.0.1:${apiPort}`;
  while ((await fetch(`${url}/health`)).status !== 200)
    await new Promise((resolve) => setTimeout(resolve, 200));

  const overhead = await measureOverhead(url, temporalAddress, picture, times);
  const processes = {
    temporal: server.pid,
    api: api.process.pid,
    media: media.process.pid,
    inference: inference.process.pid,
  };
  const memory: Record<string, { resident_mb: number; peak_mb: number }> = {};
  for (const [name, pid] of Object.entries(processes)) {
    if (pid !== undefined)
      memory[name] = { resident_mb: await residentMemory(pid), peak_mb: await peakMemory(pid) };
  }
  const results = {
    machine: { cores: cpus().length, cpu: cpus()[0]?.model ?? '', node: process.version },
    model: path.basename(modelPath),
    stages_ms_per_frame: stages,
    orchestration_ms: overhead,
    memory,
  };
  show(results);
  const file = path.join(
    root,
    'bench/results',
    `${new Date().toISOString().replaceAll(':', '-')}.json`,
  );
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(results, null, 2)}\n`);
  console.log(`\n${JSON.stringify(results, null, 2)}\n\nwritten to ${file}`);
} finally {
  await Promise.all(parts.map((part) => stopPart(part, 10_000)));
  await server.stop();
  await rm(dataDir, { recursive: true, force: true });
}

function show(results: {
  stages_ms_per_frame: Awaited<ReturnType<typeof measureStages>>;
  orchestration_ms: Awaited<ReturnType<typeof measureOverhead>>;
  memory: Record<string, { resident_mb: number; peak_mb: number }>;
}): void {
  const style = { head: [], border: [] };
  const byStage = new Table({ head: ['stage', 'ms per frame'], style });
  for (const [stage, ms] of Object.entries(results.stages_ms_per_frame)) byStage.push([stage, ms]);
  const { request, overhead, empty, ratio, repeated } = results.orchestration_ms;
  const orchestration = new Table({ head: ['one picture, over HTTP', 'p50 ms', 'p95 ms'], style });
  orchestration.push(
    ['request to answer', request.p50, request.p95],
    ["less the activities' own work", overhead.p50, overhead.p95],
    ['empty workflow of the same shape', empty.p50, empty.p95],
    ['the same picture again', repeated.p50, repeated.p95],
  );
  const byProcess = new Table({ head: ['process', 'resident MB', 'peak MB'], style });
  for (const [name, { resident_mb, peak_mb }] of Object.entries(results.memory))
    byProcess.push([name, resident_mb, peak_mb]);
  console.log(
    `\n${byStage.toString()}\n\n${orchestration.toString()}\noverhead / empty workflow: ${ratio}\n\n${byProcess.toString()}`,
  );
}
