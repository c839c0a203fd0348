// Records the histories that the replay test holds the workflows to: runs the built service on the demo's media and writes
// what the Temporal server has of each run to test/replay/histories/<name>/. Run it for every release, and before a change of
// the workflows that is to be released after runs of today's may be under way, from a clean build:
//   npm run build && node scripts/record-histories.mjs NAME
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { prepareService, startService } from '../dist/apps/standalone/service.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const [name] = process.argv.slice(2);
const target = path.join(root, 'test/replay/histories', name ?? '');
if (name === undefined || existsSync(target)) {
  console.error('Expected the name of a set of histories that is not there yet, such as 0.2.0');
  process.exit(2);
}
const dataDir = mkdtempSync(path.join(tmpdir(), 'record-histories-'));

const photo = path.join(root, 'demo/portrait.jpg');
const short = path.join(root, 'demo/interview.mp4');
const long = path.join(dataDir, 'long.mp4');
// Seven times the demo's 20 s: three segments.
const repeated = ['-stream_loop', '6', '-i', short, '-c', 'copy', '-t', '130', long];
execFileSync('ffmpeg', ['-v', 'error', ...repeated]);
const text = path.join(dataDir, 'text.mp4');
writeFileSync(text, 'no video\n');

Object.assign(process.env, {
  MODEL_PATH: path.join(root, 'models/demo'),
  MODELS: `other=${path.join(root, 'test/fixtures/golden/tiny-f32')}`,
  MEDIA_ROOTS: path.join(root, 'demo'),
});
const service = await prepareService({
  dataDir,
  port: 0,
  temporalAddress: null,
  useDemoModel: false,
  mostDeaths: 1,
  logLevel: 'warn',
  onStep: console.error,
});

async function call(route, init) {
  const response = await fetch(`${service.url}${route}`, init);
  const body = await response.json();
  if (!response.ok && response.status !== 422) throw new Error(JSON.stringify(body));
  return body;
}
const json = (body, headers = {}) => ({
  method: 'POST',
  body: JSON.stringify(body),
  headers: { 'content-type': 'application/json', ...headers },
});

/** The ID of a medium's analysis, which goes on. */
async function submit(file, options) {
  const form = new FormData();
  form.set('media', new Blob([readFileSync(file)]), path.basename(file));
  if (options !== undefined) form.set('options', JSON.stringify(options));
  const headers = { prefer: 'respond-async' };
  return (await call('/api/v1/inference', { method: 'POST', body: form, headers })).id;
}

/** Where it can't be retried the service may not yet have seen the end. */
async function retry(id, wish) {
  return (await call(`/api/v1/inference/${id}/retry`, json(wish))).id;
}

try {
  await startService(service);
  const connection = await Connection.connect({ address: service.temporalAddress });
  const client = new Client({ connection });
  mkdirSync(target, { recursive: true });

  async function write(handle, as) {
    const history = historyToJSON(await handle.fetchHistory());
    // Stack traces and identities name this machine.
    const told = history
      .replaceAll(root, '')
      .replaceAll(`/${hostname()}/`, '/host/')
      .replaceAll(`@${hostname()}"`, '@host"');
    writeFileSync(path.join(target, `${as}.json`), `${told}\n`);
    console.log(`recorded ${as}: ${handle.workflowId}`);
  }
  async function record(id, as, workflowId = `analysis-${id}`) {
    const handle = client.workflow.getHandle(workflowId);
    await handle.result().catch(() => undefined);
    await write(handle, as);
    return id;
  }

  await record(await submit(photo), 'photo');
  const video = await record(await submit(short), 'short-video');
  const whole = await record(await submit(long), 'long-video');
  const adaptive = { sampling: { policy: 'adaptive', fps: 5 } };
  await record(await submit(long, adaptive), 'adaptive');
  await record(await submit(text), 'unreadable-media');

  const frames = ['portrait.jpg', 'portrait-edited.jpg'].map((file) =>
    path.join(root, 'demo', file),
  );
  const ofFrames = { hash: 'a'.repeat(64), mediaType: 'VIDEO', extractedFrames: frames };
  await record((await call('/api/v1/inference', json(ofFrames))).id, 'frames');

  await record(await retry(whole, { from: 'scoring', model: 'other' }), 'retry-from-scoring');
  const thresholds = { fake: 60, real: 20 };
  await record(await retry(video, { from: 'aggregation', thresholds }), 'retry-from-aggregation');
  await call(`/api/v1/inference/${video}/verify`, json({ inference: true }));
  await record(video, 'verify', `verify-${video}-inference`);

  // Another analysis of the same: other samples, and so nothing that is there already.
  const cancelled = await submit(long, { sampling: { policy: 'fps', fps: 4 } });
  for (let scored = 0; scored === 0; await sleep(50)) {
    const { status, progress } = await call(`/api/v1/inference/${cancelled}`);
    if (status === 'succeeded') throw new Error('expected time to cancel, got a result');
    scored = progress?.segments_scored ?? 0;
  }
  await call(`/api/v1/inference/${cancelled}/cancel`, { method: 'POST' });
  await record(cancelled, 'cancelled');

  // A run that hands on to another, which the service itself does after many more segments.
  const { events } = await client.workflow.getHandle(`analysis-${whole}`).fetchHistory();
  const [payload] = events[0].workflowExecutionStartedEventAttributes.input.payloads;
  const request = defaultPayloadConverter.fromPayload(payload);
  const args = [
    {
      ...request,
      analysisId: `${whole.slice(0, 17)}${'0'.repeat(16)}`,
      limits: { ...request.limits, segmentsPerRun: 2 },
    },
  ];
  const options = { taskQueue: 'analyses', workflowId: 'analysis-continued', args };
  const first = await client.workflow.start('analyzeMedia', options);
  await first.result();
  await write(client.workflow.getHandle(first.workflowId, first.firstExecutionRunId), 'handed-on');
  await write(client.workflow.getHandle(first.workflowId), 'continued');
  await connection.close();
} finally {
  await service.stop();
  rmSync(dataDir, { recursive: true });
}
process.exit(0);
