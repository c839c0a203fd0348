import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer, connect, type Server } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { HealthBody } from '../../apps/api/health/health-body.js';
import type { ProblemBody } from '../../apps/api/problems/problem-body.js';
import { formatIdentity } from '../../libs/platform/worker-identity.js';
import { loadingQueue, taskQueues } from '../../workflows/contracts/queues.js';
import { TestApi } from '../support/api.js';
import { until } from '../support/until.js';

const PREFIX = 'api-without-workers-';
const { inference } = taskQueues(PREFIX);

/** Makes a real worker that says of itself what an inference worker says, and does no work. */
async function showWorker(
  state: 'loading' | 'ready',
  fingerprint: string,
): Promise<() => Promise<void>> {
  // Workers that share a connection all report the identity of the first of them.
  const connection = await NativeConnection.connect({ address: inject('temporalAddress') });
  const worker = await Worker.create({
    // A process may poll a queue with several workers if they say to be of different builds.
    workerDeploymentOptions: {
      version: { deploymentName: PREFIX, buildId: `build-${fingerprint}` },
      useWorkerVersioning: false,
    },
    connection,
    identity: formatIdentity({
      role: 'inference',
      state,
      host: `${hostname()}-${fingerprint}`,
      pid: process.pid,
      model: {
        id: 'owner/model',
        revision: 'r',
        dtype: 'fp32',
        device: 'cpu',
        fingerprint,
        architecture: '',
        weights: '',
        fakeLabel: '',
        graphBuilder: '',
        processor: '',
        accuracy: '',
      },
    }),
    taskQueue: state === 'loading' ? loadingQueue(inference) : inference,
    activities: { nothing: () => undefined },
  });
  const run = worker.run();
  return async () => {
    worker.shutdown();
    await run;
    await connection.close();
  };
}

describe('the API without workers', () => {
  let folder: string;
  let api: TestApi;

  beforeAll(async () => {
    Runtime.install({
      workerHeartbeatInterval: '1s',
      shutdownSignals: [],
      logger: new DefaultLogger('ERROR'),
    });
    folder = await mkdtemp(path.join(tmpdir(), 'api-without-workers-'));
    const address = inject('temporalAddress');
    api = await TestApi.start({
      TEMPORAL_ADDRESS: address,
      TASK_QUEUE_PREFIX: PREFIX,
      DATA_DIR: folder,
      MODEL_PATH: '/models/some-model',
    });
  });
  afterAll(async () => {
    await api.stop();
    await rm(folder, { recursive: true });
  });

  const frames = { mediaType: 'IMAGE', extractedFrames: ['/frame.jpg'] };

  it('is alive, not ready and unhealthy, and says why', async () => {
    expect((await api.ask('/health/live')).status).toBe(200);
    expect((await api.ask('/health/ready')).status).toBe(503);
    const { status, body } = await api.ask<HealthBody>('/health');
    expect(status).toBe(503);
    expect(body).toMatchObject({
      status: 'unhealthy',
      service: 'deepfake-analysis-service',
      // The folder's name, not its place on the server.
      model: 'some-model',
      model_status: 'not_loaded',
      device: 'cpu',
      dtype: 'fp32',
      workers: { media: 0, inference: 0 },
      temporal: { reachable: true },
    });
    expect(new Date(body.timestamp).getTime()).not.toBeNaN();
  });

  it('answers JSON and upload with 503 and a time to come back', async () => {
    for (const answer of [
      await api.postJson<ProblemBody>(frames),
      await api.upload<ProblemBody>(new Uint8Array([1, 2, 3])),
    ]) {
      expect(answer.status).toBe(503);
      expect(answer.body).toMatchObject({ code: 'model_unavailable', reason: 'no_worker' });
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    }
  });

  it('does not read an upload that can not be analysed', async () => {
    const socket = connect(api.port, '127.0.0.1');
    socket.write(
      'POST /api/v1/inference HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n' +
        'Content-Type: multipart/form-data; boundary=b\r\n\r\n--b\r\n',
    );
    const answer = await new Promise<string>((resolve) => {
      socket.once('data', (data: Buffer) => {
        resolve(data.toString());
      });
    });
    expect(answer).toMatch(/^HTTP\/1\.1 503 /);
    socket.destroy();
    expect(await readdir(path.join(folder, 'blobs'))).toEqual(['.incoming']);
  });

  it('tells loading from not there, and refuses to choose between two models', async () => {
    const shown = [await showWorker('loading', '')];
    const loading = await until('a loading worker', async () => {
      const { body } = await api.ask<HealthBody>('/health');
      return body.model_status === 'loading' && body;
    });
    expect(loading).toMatchObject({ status: 'unhealthy', model: 'owner/model', fingerprint: null });
    const refused = await api.postJson<ProblemBody>(frames);
    expect(refused.body).toMatchObject({ code: 'model_unavailable', reason: 'loading' });

    shown.push(await showWorker('ready', 'aaaa'), await showWorker('ready', 'bbbb'));
    const mismatch = await until('two ready workers', async () => {
      const answer = await api.postJson<ProblemBody>(frames);
      return answer.body.code === 'model_mismatch' && answer;
    });
    expect(mismatch.status).toBe(503);
    expect(mismatch.body.detail).toMatch(/aaaa[^]*bbbb|bbbb[^]*aaaa/);
    await Promise.all(shown.map((stop) => stop()));
  });

  it.each([
    ['GET', '/api/v1/inference/nope', {}, 404, 'analysis_not_found'],
    ['GET', '/api/v1/inference/0123456789abcdef-0123456789abcdef', {}, 404, 'analysis_not_found'],
    ['GET', '/api/v1/inference/nope/report', {}, 404, 'analysis_not_found'],
    ['GET', '/nowhere', {}, 404, 'not_found'],
    ['GET', '/%zz', {}, 400, 'bad_request'],
    ['PUT', '/api/v1/inference', {}, 405, 'method_not_allowed'],
    ['DELETE', '/health', {}, 405, 'method_not_allowed'],
    [
      'POST',
      '/api/v1/inference',
      { 'content-type': 'text/plain' },
      415,
      'unsupported_content_type',
    ],
    ['POST', '/api/v1/inference', { 'content-type': 'application/json' }, 400, 'invalid_json'],
    [
      'POST',
      '/api/v1/inference',
      { 'content-type': 'application/json', 'sec-fetch-site': 'cross-site' },
      403,
      'cross_origin_request',
    ],
  ])('answers %s %s %j with a %i problem', async (method, url, headers, status, code) => {
    const body = method === 'POST' ? '{broken' : undefined;
    const answer = await api.ask<ProblemBody>(url, { method, headers, body });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(answer.body).toMatchObject({ status, code, error: answer.body.title });
    expect(answer.body.message).toBe(answer.body.detail);
    expect(JSON.stringify(answer.body)).not.toMatch(/node_modules|\.ts|\.js\b|at \w+ \(/);
    if (status === 405) expect(answer.headers.get('allow')).toBeTruthy();
  });

  it('names the limit of a JSON body that is too large', async () => {
    const answer = await api.postJson<ProblemBody>({ metadata: 'x'.repeat(5_000_000) });
    expect(answer.status).toBe(413);
    expect(answer.body.detail).toContain('4194304');
  });

  it('answers what is not HTTP with a problem too', async () => {
    const socket = connect(api.port, '127.0.0.1');
    const chunks: string[] = [];
    socket.on('data', (data: Buffer) => chunks.push(data.toString()));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write('hello\r\n\r\n');
    await closed;
    expect(chunks.join('')).toMatch(
      /^HTTP\/1\.1 400 [^]*application\/problem\+json[^]*bad_request/,
    );
  });
});

describe('the API without Temporal', () => {
  let folder: string;
  let deaf: Server;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'api-without-temporal-'));
    // Takes connections and never says a word: worse than one that is not there.
    deaf = createServer(() => undefined);
    await new Promise<void>((resolve) => deaf.listen(0, '127.0.0.1', resolve));
  });
  afterAll(async () => {
    deaf.close();
    await rm(folder, { recursive: true });
  });

  it.each(['nothing there', 'nothing said'])(
    'starts, says so and never hangs: %s',
    async (kind) => {
      const address = deaf.address();
      const port =
        kind === 'nothing said' && typeof address === 'object' ? (address?.port ?? 0) : 1;
      const api = await TestApi.start({
        TEMPORAL_ADDRESS: `127.0.0.1:${port}`,
        DATA_DIR: folder,
      });
      const health = await api.ask<HealthBody>('/health');
      expect(health.status).toBe(503);
      expect(health.body).toMatchObject({
        status: 'unhealthy',
        backlog: null,
        temporal: { reachable: false },
      });
      for (const answer of [
        await api.upload<ProblemBody>(new Uint8Array([1])),
        await api.ask<ProblemBody>('/api/v1/inference/0123456789abcdef-0123456789abcdef'),
        await api.ask<ProblemBody>('/health/ready'),
      ]) {
        expect(answer.status).toBe(503);
        expect(answer.body.code).toBe('temporal_unavailable');
        expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      }
      await api.stop();
    },
  );
});
