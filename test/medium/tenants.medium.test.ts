import { copyFile, mkdir, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { Client, Connection } from '@temporalio/client';
import type { AnalysisResource } from '../../apps/api/analyses/analysis-resource.js';
import type { DeletedBody } from '../../apps/api/analyses/deletion.js';
import type { ListedAnalysis } from '../../apps/api/analyses/listed-analysis.js';
import type { ProblemBody } from '../../apps/api/problems/problem-body.js';
import { freePort } from '../../apps/standalone/ports.js';
import type { RunningPart } from '../../apps/standalone/supervisor/part.js';
import { workflowIdOf } from '../../workflows/contracts/progress.js';
import type { AnalysisResult } from '../../workflows/contracts/result.js';
import { TestApi, type Answer } from '../support/api.js';
import { startProcess, stopProcesses } from '../support/processes.js';
import { until } from '../support/until.js';
import { makeVideo } from '../support/videos.js';

const pictures = path.join(import.meta.dirname, '../fixtures/golden/pictures');
const portrait = path.join(pictures, 'portrait-512.png');
const tall = path.join(pictures, 'tall-270x480.jpg');
const PREFIX = 'tenants-';
const PATH = '/api/v1/inference';
const KEYS = {
  acme: 'acme-secret-0123456789',
  acmeNew: 'acme-rotated-0123456789',
  globex: 'globex-secret-0123456789',
};
const NOBODY = '0123456789abcdef-0123456789abcdef';

interface List {
  readonly items: readonly ListedAnalysis[];
}

/** The real processes, with two tenants: the API's whole output is kept. */
describe('tenants', () => {
  let folder: string;
  let parts: RunningPart[];
  let temporal: Client;
  let port: number;
  let output = '';
  const deployment = (env: Readonly<Record<string, string>> = {}) => ({
    temporalAddress: inject('temporalAddress'),
    dataDir: folder,
    taskQueuePrefix: PREFIX,
    env,
  });
  const tenant = (key: string | null, header: 'authorization' | 'x-api-key' = 'authorization') => {
    const shown = header === 'authorization' ? `Bearer ${key ?? ''}` : (key ?? '');
    const headers: Record<string, string> = key === null ? {} : { [header]: shown };
    const ask = async <T>(at: string, init: RequestInit = {}): Promise<Answer<T>> => {
      const response = await fetch(`http://127.0.0.1:${port}${at}`, {
        ...init,
        headers: { ...headers, ...(init.headers as Record<string, string>) },
      });
      const text = await response.text();
      const isJson = text !== '' && (response.headers.get('content-type') ?? '').includes('json');
      const body = (isJson ? JSON.parse(text) : text) as T;
      return { status: response.status, headers: response.headers, body };
    };
    const post = <T>(at: string, body: unknown = {}) =>
      ask<T>(at, {
        method: 'POST',
        headers: { 'content-type': 'application/json', prefer: 'wait=60' },
        body: JSON.stringify(body),
      });
    const upload = async (bytes: Uint8Array<ArrayBuffer>, prefer = 'wait=60') => {
      const form = new FormData();
      form.append('media', new Blob([bytes]), 'media');
      return ask<AnalysisResult & AnalysisResource>(PATH, {
        method: 'POST',
        body: form,
        headers: { prefer },
      });
    };
    const remove = <T = DeletedBody>(id: string) => ask<T>(`${PATH}/${id}`, { method: 'DELETE' });
    const get = <T = AnalysisResource>(at: string) => ask<T>(`${PATH}${at}`);
    return { ask, post, upload, remove, get };
  };
  const acme = tenant(KEYS.acme);
  const globex = tenant(KEYS.globex, 'x-api-key');
  const nobody = tenant(null);
  const fresh = async (name: string, file = portrait) =>
    new Uint8Array(Buffer.concat([await readFile(file), Buffer.from(name)]));
  const problem = ({ status, body }: Answer<unknown>) => [status, (body as ProblemBody).code];
  const isListed = (who: typeof acme, id: string) =>
    until(`${id} in the list`, async () => {
      const { items } = (await who.get<List>('?limit=100')).body;
      return items.some((item) => item.id === id) && items;
    });

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'tenants-'));
    for (const name of ['acme', 'globex'])
      await mkdir(path.join(folder, 'frames', name), { recursive: true });
    await copyFile(portrait, path.join(folder, 'frames/acme/frame.png'));
    temporal = new Client({
      connection: await Connection.connect({ address: inject('temporalAddress') }),
    });
    port = await freePort();
    const { acme: a, acmeNew, globex: g } = KEYS;
    const env = {
      API_KEYS: `acme:${a},globex:${g},acme:${acmeNew}`,
      HOST: '127.0.0.1',
      PORT: String(port),
      LOG_LEVEL: 'trace',
      MEDIA_ROOTS: path.join(folder, 'frames/{tenant}'),
    };
    parts = await Promise.all([
      startProcess('media', deployment()),
      startProcess('inference', deployment()),
      startProcess('api', deployment(env)),
    ]);
    for (const stream of [parts[2]?.process.stdout, parts[2]?.process.stderr])
      stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    await until('a healthy service', async () => (await nobody.ask('/health')).status === 200);
  });
  afterAll(async () => {
    await stopProcesses(parts);
    await temporal.connection.close();
    await rm(folder, { recursive: true });
  });

  it.each([
    ['GET', PATH],
    ['POST', PATH],
    ['GET', `${PATH}/${NOBODY}`],
    ['HEAD', `${PATH}/${NOBODY}`],
    ['DELETE', `${PATH}/${NOBODY}`],
    ['GET', `${PATH}/${NOBODY}/report`],
    ['GET', `${PATH}/${NOBODY}/faces/0.jpg`],
    ['POST', `${PATH}/${NOBODY}/cancel`],
    ['POST', `${PATH}/${NOBODY}/retry`],
    ['POST', `${PATH}/${NOBODY}/verify`],
    ['POST', `${PATH}/retry?status=failed`],
    ['GET', '/api/v1/%69nference'],
    ['GET', '//api/v1/inference'],
    ['PUT', PATH],
    ['GET', '/anything'],
  ])('need a key for %s %s', async (method, at) => {
    for (const who of [nobody, tenant('not-a-key-0123456789'), tenant('not-a-key', 'x-api-key')]) {
      const answer = await who.ask<ProblemBody>(at, { method });
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer /);
      if (method === 'HEAD') continue;
      expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
      expect(answer.body).toMatchObject({ status: 401, code: 'unauthorized' });
    }
    expect((await acme.ask(at, { method })).status).not.toBe(401);
  });

  it('need none to see that the service works, and see no more', async () => {
    for (const at of ['/', '/health/live', '/health/ready'])
      expect((await nobody.ask(at)).status).toBe(200);
    const seen = (await nobody.ask<Record<string, unknown>>('/health')).body;
    expect(Object.keys(seen).sort()).toEqual(
      ['model_status', 'service', 'status', 'timestamp', 'version'].sort(),
    );
    expect((await acme.ask<{ models: unknown[] }>('/health')).body.models).toHaveLength(1);
  });

  it('are told to show a key before anything of an upload is read', async () => {
    const socket = connect(port, '127.0.0.1');
    socket.write(
      `POST ${PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000000\r\n` +
        'Content-Type: multipart/form-data; boundary=b\r\n\r\n',
    );
    const said = await new Promise<string>((resolve) =>
      socket.once('data', (data) => {
        resolve(data.toString());
      }),
    );
    expect(said).toMatch(/^HTTP\/1\.1 401 [^]*www-authenticate: Bearer [^]*"code":"unauthorized"/i);
    socket.destroy();
  });

  it('have analyses of their own of the same media, and see no others', async () => {
    const bytes = await fresh('shared');
    const [own, other] = [await acme.upload(bytes), await globex.upload(bytes)];
    expect([own.status, other.status]).toEqual([200, 200]);
    const { id } = own.body;
    expect(other.body.id).not.toBe(id);
    expect(other.body.id.slice(0, 16)).toBe(id.slice(0, 16));
    expect(other.body.risk_score).toBe(own.body.risk_score);
    // Either of a tenant's keys, in either header.
    expect((await tenant(KEYS.acmeNew, 'x-api-key').upload(bytes)).body.id).toBe(id);

    expect((await acme.get(`/${id}`)).body.status).toBe('succeeded');
    expect((await acme.get(`/${id}/report`)).status).toBe(200);
    expect((await acme.post(`${PATH}/${id}/verify`)).body).toMatchObject({
      verdict_logic: 'identical',
    });
    const asks = (unknown: string) =>
      [
        globex.get<ProblemBody>(`/${unknown}`),
        globex.get<ProblemBody>(`/${unknown}/report`),
        globex.post<ProblemBody>(`${PATH}/${unknown}/cancel`),
        globex.post<ProblemBody>(`${PATH}/${unknown}/retry`),
        globex.post<ProblemBody>(`${PATH}/${unknown}/retry`, {
          from: 'aggregation',
          thresholds: { fake: 60, real: 20 },
        }),
        globex.post<ProblemBody>(`${PATH}/${unknown}/verify`),
        globex.remove<ProblemBody>(unknown),
      ] as const;
    const [foreign, none] = [await Promise.all(asks(id)), await Promise.all(asks(NOBODY))];
    const shape = ({ status, body }: Answer<ProblemBody>, asked: string) => ({
      status,
      body: JSON.stringify({ ...body, instance: null }).replaceAll(asked, 'ID'),
    });
    expect(foreign.map((answer) => shape(answer, id))).toEqual(
      none.map((answer) => shape(answer, NOBODY)),
    );
    expect(new Set(foreign.map(({ status }) => status))).toEqual(new Set([404]));
    expect((await acme.get(`/${id}`)).body.status).toBe('succeeded');

    const [listed, listedOther] = [await isListed(acme, id), await isListed(globex, other.body.id)];
    expect(listed.some((item) => item.id === other.body.id)).toBe(false);
    expect(listedOther.some((item) => item.id === id)).toBe(false);
  });

  it('see no others’ that run, and can not cancel them', async () => {
    const video = await makeVideo(folder, { seconds: 70, width: 320, height: 240 });
    const bytes = new Uint8Array(await readFile(video));
    const { body } = await acme.upload(bytes, 'respond-async');
    expect(problem(await globex.get(`/${body.id}`))).toEqual([404, 'analysis_not_found']);
    expect(problem(await globex.post(`${PATH}/${body.id}/cancel`))).toEqual([
      404,
      'analysis_not_found',
    ]);
    expect(problem(await globex.remove(body.id))).toEqual([404, 'analysis_not_found']);
    const { status } = (await acme.get(`/${body.id}`)).body;
    expect(['queued', 'running']).toContain(status);
    // Its own deletion of the same medium takes nothing from under the run.
    const own = await globex.upload(bytes, 'respond-async');
    await globex.post(`${PATH}/${own.body.id}/cancel`);
    await until('the cancel', async () => {
      return (await globex.get(`/${own.body.id}`)).body.status === 'cancelled';
    });
    expect((await globex.remove(own.body.id)).body).toMatchObject({
      deleted: { media: 1 },
      media_kept: false,
    });
    await until('the result', async () => {
      const { status: now, error } = (await acme.get(`/${body.id}`)).body;
      if (now === 'failed') throw new Error(JSON.stringify(error));
      return now === 'succeeded';
    });
  });

  it('retry in bulk what is their own', async () => {
    const bad = new Uint8Array(Buffer.from('neither picture nor video'));
    const [own, other] = [await acme.upload(bad), await globex.upload(bad)];
    expect([own.status, other.status]).toEqual([422, 422]);
    const { id } = own.body;
    await until('both failures in the lists', async () => {
      const lists = [acme, globex].map((who) => who.get<List>('?status=failed'));
      return (await Promise.all(lists)).every(({ body }) => body.items.length === 1);
    });
    for (const dryRun of [true, false]) {
      const { body } = await acme.post<List>(`${PATH}/retry?status=failed&dryRun=${dryRun}`);
      expect(body.items).toMatchObject([{ id, outcome: dryRun ? 'would_start' : 'started' }]);
    }
    expect(problem(await globex.post(`${PATH}/${id}/retry`))).toEqual([404, 'analysis_not_found']);
  });

  it('delete their own, and are not told who else has the medium', async () => {
    const alone = await acme.upload(await fresh('alone', tall));
    const bytes = await fresh('both', tall);
    const [own, other] = [await acme.upload(bytes), await globex.upload(bytes)];
    const [first, second] = [await acme.remove(alone.body.id), await acme.remove(own.body.id)];
    const withoutId = ({ body }: Answer<DeletedBody>) => ({
      ...body,
      id: null,
      // The names of two media differ in length.
      deleted: { ...body.deleted, bytes: null },
    });
    expect(withoutId(second)).toEqual(withoutId(first));
    expect(second.body).toMatchObject({ deleted: { result: true, media: 1 }, media_kept: false });
    expect(problem(await acme.get(`/${own.body.id}`))).toEqual([404, 'analysis_not_found']);

    // All of the other tenant's is there still: the medium, its own crops and the result.
    expect((await globex.get(`/${other.body.id}/report`)).status).toBe(200);
    expect(
      (await globex.post(`${PATH}/${other.body.id}/verify`, { inference: true })).body,
    ).toMatchObject({ verdict_logic: 'identical', inference: 'within_tolerance' });
    const digits = other.body.id.slice(0, 16);
    const stored = async () => {
      const names = await readdir(path.join(folder, 'blobs'), { recursive: true });
      return names.filter((name) => name.includes(digits));
    };
    expect((await stored()).filter((name) => /^crops\/[^/]+$/.test(name))).toHaveLength(1);
    await globex.remove(other.body.id);
    expect((await stored()).filter((name) => !name.startsWith('deleted/'))).toEqual([]);
  });

  it('read frames in folders of their own', async () => {
    const frames = {
      mediaType: 'IMAGE',
      extractedFrames: path.join(folder, 'frames/acme/frame.png'),
    };
    expect((await acme.post(PATH, frames)).status).toBe(200);
    expect(problem(await globex.post(PATH, frames))).toEqual([403, 'frame_outside_media_roots']);
  });

  it('find what was stored without keys as the tenant "default" alone', async () => {
    const open = await TestApi.start({
      TEMPORAL_ADDRESS: inject('temporalAddress'),
      TASK_QUEUE_PREFIX: PREFIX,
      DATA_DIR: folder,
    });
    const { body } = await open.upload(await fresh('before'), { headers: { prefer: 'wait=60' } });
    expect(problem(await acme.get(`/${body.id}`))).toEqual([404, 'analysis_not_found']);
    const { id } = (await acme.upload(await fresh('after'))).body;
    expect((await open.analysis(id)).status).toBe(404);
    expect((await open.analysis(body.id)).status).toBe(200);
    await open.stop();
    const key = 'default-secret-0123456789';
    const kept = await TestApi.start({
      API_KEYS: `default:${key}`,
      TEMPORAL_ADDRESS: inject('temporalAddress'),
      TASK_QUEUE_PREFIX: PREFIX,
      DATA_DIR: folder,
      HOST: '127.0.0.1',
    });
    const headers = { 'x-api-key': key };
    expect((await kept.ask(`${PATH}/${body.id}`, { headers })).status).toBe(200);
    expect((await kept.ask(`${PATH}/${id}`, { headers })).status).toBe(404);
    await kept.stop();
  });

  it('have their keys in no log and no history', async () => {
    const { id } = (await acme.upload(await fresh('told'))).body;
    const handle = temporal.workflow.getHandle(workflowIdOf(id, PREFIX));
    const told = JSON.stringify([await handle.fetchHistory(), (await handle.describe()).raw]);
    expect(Buffer.from(told).toString()).toContain(id);
    const decoded = told.replace(/"([A-Za-z0-9+/=]{16,})"/g, (_, text: string) =>
      Buffer.from(text, 'base64').toString('latin1'),
    );
    expect(output).toContain('answered');
    expect(decoded).toContain('acme');
    for (const text of [output, told, decoded])
      for (const key of Object.values(KEYS)) expect(text.includes(key)).toBe(false);
  });
});
