import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { AnalysisResource } from '../../apps/api/analyses/analysis-resource.js';
import type { HealthBody } from '../../apps/api/health/health-body.js';
import type { ProblemBody } from '../../apps/api/problems/problem-body.js';
import type { RunningPart } from '../../apps/standalone/supervisor/part.js';
import { workflowIdOf } from '../../workflows/contracts/progress.js';
import type { AnalysisResult } from '../../workflows/contracts/result.js';
import { TestApi } from '../support/api.js';
import { startFileServer } from '../support/file-server.js';
import { startProcess, stopProcesses } from '../support/processes.js';
import { until } from '../support/until.js';
import { makeVideo } from '../support/videos.js';

const pictures = fileURLToPath(new URL('../fixtures/golden/pictures/', import.meta.url));
const portrait = path.join(pictures, 'portrait-512.png');
const tall = path.join(pictures, 'tall-270x480.jpg');
const PREFIX = 'api-';
const SEED_FIELDS = [
  'video_score',
  'peak_risk',
  'mean_risk',
  'audio_score',
  'gan_fingerprint',
  'temporal_consistency',
  'risk_score',
  'confidence',
  'inference_time',
  'model_version',
];

describe('the API with real workers', () => {
  let folder: string;
  let api: TestApi;
  let parts: RunningPart[];
  let temporal: Client;
  const deployment = () => ({
    temporalAddress: inject('temporalAddress'),
    dataDir: folder,
    taskQueuePrefix: PREFIX,
  });
  const startApi = (environment: Readonly<Record<string, string>> = {}) =>
    TestApi.start({
      TEMPORAL_ADDRESS: inject('temporalAddress'),
      TASK_QUEUE_PREFIX: PREFIX,
      DATA_DIR: folder,
      MEDIA_ROOTS: [pictures, path.join(folder, 'frames')].join(path.delimiter),
      MAX_UPLOAD_BYTES: '5000000',
      TEMPORAL_UI_URL: 'http://ui.test/',
      ...environment,
    });
  /** Runs of an analysis, by the server's own history of them. */
  const runsOf = async (id: string) => {
    const runs = [];
    for await (const run of temporal.workflow.list({
      query: `WorkflowId="${workflowIdOf(id, PREFIX)}"`,
    })) {
      runs.push(run);
    }
    return runs;
  };

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'api-'));
    await writeFile(path.join(folder, 'secret.png'), await readFile(portrait));
    const connection = await Connection.connect({ address: inject('temporalAddress') });
    temporal = new Client({ connection });
    parts = await Promise.all([
      startProcess('media', deployment()),
      startProcess('inference', deployment()),
    ]);
    api = await startApi();
    await until('a healthy service', async () => (await api.ask('/health')).status === 200);
  });
  afterAll(async () => {
    await api.stop();
    await stopProcesses(parts);
    await temporal.connection.close();
    await rm(folder, { recursive: true });
  });

  it('is healthy and says what runs', async () => {
    const { body } = await api.ask<HealthBody>('/health');
    expect(body).toMatchObject({
      status: 'healthy',
      model: 'tiny-f32',
      model_status: 'loaded',
      revision: 'local',
      workers: { media: 1, inference: 1 },
    });
    expect(body.fingerprint).toMatch(/^[0-9a-f]+$/);
    expect((await api.ask('/health/ready')).status).toBe(200);
  });

  it('analyses an upload once and answers again to the last digit', async () => {
    const first = await api.uploadFile(portrait, { after: { modelVersion: 'v7' } });
    expect(first.status).toBe(200);
    expect(Object.keys(first.body)).toEqual(expect.arrayContaining(SEED_FIELDS));
    expect(first.body).toMatchObject({ model_version: 'v7', media: { media_type: 'IMAGE' } });
    const again = await api.uploadFile(portrait, { before: { mediaType: 'video' } });
    expect(again.body).toEqual({
      ...first.body,
      model_version: 'v2',
      flags: [...first.body.flags, 'declared_media_type_mismatch'],
    });
    expect(
      await until('the run in the list', async () => (await runsOf(first.body.id)).length),
    ).toBe(1);
  });

  it('checks the hash that comes with an upload', async () => {
    const sha256 = createHash('sha256')
      .update(await readFile(portrait))
      .digest('hex');
    const right = await api.uploadFile(portrait, { after: { hash: `sha256:${sha256}` } });
    expect(right.status).toBe(200);
    const wrong = await api.uploadFile<ProblemBody>(portrait, { after: { hash: '0'.repeat(64) } });
    expect([wrong.status, wrong.body.code]).toEqual([422, 'hash_mismatch']);
    expect(wrong.body.detail).toContain(sha256);
    const bad = await api.uploadFile<ProblemBody>(portrait, { before: { hash: 'abc' } });
    expect([bad.status, bad.body.code]).toEqual([422, 'hash_malformed']);
  });

  it('analyses what a URL names as if it had been uploaded, and checks its hash', async () => {
    const bytes = await readFile(portrait);
    const server = await startFileServer((_request, response) => response.end(bytes));
    const fetching = await startApi({
      MEDIA_URL_ALLOW: '127.0.0.1/32',
      MEDIA_URL_PORTS: String(server.port),
    });
    const mediaUrl = `http://127.0.0.1:${server.port}/portrait.png?key=hush`;
    const uploaded = await api.uploadFile(portrait);
    const hash = createHash('sha256').update(bytes).digest('hex');
    expect((await fetching.postJson({ mediaUrl, hash })).body).toEqual(uploaded.body);
    const video = await fetching.postJson({ mediaUrl, mediaType: 'VIDEO', modelVersion: 'v9' });
    expect(video.body).toEqual({
      ...uploaded.body,
      model_version: 'v9',
      flags: [...uploaded.body.flags, 'declared_media_type_mismatch'],
    });
    const { requests } = server;
    const refusals = [
      [{ mediaUrl, hash: '0'.repeat(64) }, 422, 'hash_mismatch'],
      [{ mediaUrl, hash: 'abc' }, 422, 'hash_malformed'],
      [{ mediaUrl: `http://127.0.0.2:${server.port}/` }, 422, 'media_url_refused'],
      [{ mediaUrl: 'file:///etc/passwd' }, 400, 'media_url_invalid'],
      [{ mediaUrl, extractedFrames: [portrait] }, 400, 'invalid_request'],
    ] as const;
    for (const [body, status, code] of refusals) {
      const answer = await fetching.postJson<ProblemBody>(body);
      expect([answer.status, answer.body.code]).toEqual([status, code]);
      expect(JSON.stringify(answer.body)).not.toContain('hush');
    }
    expect(requests).toHaveLength(3);
    expect(await readdir(path.join(folder, 'blobs/.incoming'))).toEqual([]);
    await fetching.stop();
    const off = await startApi({ MEDIA_URL: 'off' });
    const answer = await off.postJson<ProblemBody>({ mediaUrl });
    expect([answer.status, answer.body.code]).toEqual([400, 'not_supported']);
    await off.stop();
    await server.stop();
  });

  it('ends a download when its client leaves, and when it is told to stop', async () => {
    const server = await startFileServer((_request, response) => response.write('a part'));
    const fetching = await startApi({
      MEDIA_URL_ALLOW: '127.0.0.1/32',
      MEDIA_URL_PORTS: String(server.port),
    });
    const mediaUrl = `http://127.0.0.1:${server.port}/`;
    const leaving = new AbortController();
    const left = fetch(fetching.url('/api/v1/inference'), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ mediaUrl }),
      signal: leaving.signal,
    });
    await until('the download', () => server.sockets.length === 1);
    leaving.abort();
    await expect(left).rejects.toThrow();
    await until('its end', () => server.sockets[0]?.closed ?? false);
    const told = fetching.postJson<ProblemBody>({ mediaUrl });
    await until('another one', () => server.requests.length === 2);
    await fetching.stop();
    expect([(await told).status, (await told).body.code]).toEqual([503, 'shutting_down']);
    expect(await readdir(path.join(folder, 'blobs/.incoming'))).toEqual([]);
    await server.stop();
  });

  it('runs once, however many ask at the same time', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => api.uploadFile(tall)));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(await until('the run', async () => (await runsOf(answers[0]!.body.id)).length)).toBe(1);
  });

  it('analyses frames as the seed’s clients send them', async () => {
    const body = {
      hash: 'whatever-they-hash',
      mediaType: 'VIDEO',
      metadata: { source: 'client' },
      extractedFrames: [portrait, path.join(pictures, 'no-such-frame.png'), tall],
      extractedAudio: null,
      modelVersion: 'v1',
    };
    const { status, body: result } = await api.postJson(body);
    expect(status).toBe(200);
    expect(result).toMatchObject({
      model_version: 'v1',
      media: { declared_hash: 'whatever-they-hash', media_type: 'VIDEO' },
      coverage: { policy: 'frames', frames_sampled: 3, frames_decoded: 2, frames_unreadable: 1 },
    });
    expect(result.timeline.map(({ frame }) => frame)).toEqual([0, 2]);
    // Another hash for the same frames is another question with the same answer.
    const other = await api.postJson({ ...body, hash: 'other' });
    expect(other.body).toEqual({ ...result, media: { ...result.media, declared_hash: 'other' } });
    const image = await api.postJson({ mediaType: 'IMAGE', extractedFrames: [portrait, tall] });
    expect(image.body.timeline.map(({ frame }) => frame)).toEqual([0]);
    expect(image.body.id).not.toBe(result.id);
  });

  it('reads no frame outside MEDIA_ROOTS, and does not tell what is there', async () => {
    const ask = (file: string) =>
      api.postJson<ProblemBody>({ mediaType: 'VIDEO', extractedFrames: [portrait, file] });
    const there = await ask(path.join(folder, 'secret.png'));
    const notThere = await ask(path.join(folder, 'nothing.png'));
    for (const { status, body } of [there, notThere]) {
      expect([status, body.code, body.index]).toEqual([403, 'frame_outside_media_roots', 1]);
    }
    expect(there.body.detail).toBe(notThere.body.detail);
    expect(there.body.detail).not.toContain(folder);
    const rootless = await startApi({ MEDIA_ROOTS: '' });
    const answer = await rootless.postJson<ProblemBody>({
      mediaType: 'IMAGE',
      extractedFrames: portrait,
    });
    expect(answer.status).toBe(403);
    expect(answer.body.detail).toContain('MEDIA_ROOTS');
    await rootless.stop();
  });

  it.each([
    ['0 bytes', new Uint8Array(), 422, 'media_empty'],
    ['a text that calls itself a video', Buffer.from('hello'), 422, 'media_unreadable'],
    ['too many bytes', new Uint8Array(5_000_001), 413, 'upload_too_large'],
  ])('refuses an upload of %s', async (_, bytes, status, code) => {
    const answer = await api.upload<ProblemBody>(new Uint8Array(bytes));
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    if (status === 413) expect(answer.body.detail).toContain('5000000');
    expect(await readdir(path.join(folder, 'blobs/.incoming'))).toEqual([]);
  });

  it('refuses truncated media and goes on', async () => {
    const video = await readFile(await makeVideo(folder, { seconds: 3, width: 320, height: 240 }));
    const cut = await api.upload<ProblemBody>(new Uint8Array(video.subarray(0, 3_000)));
    expect(cut.status).toBe(422);
    const cutPicture = new Uint8Array((await readFile(portrait)).subarray(0, 5_000));
    expect((await api.upload<ProblemBody>(cutPicture)).status).toBe(422);
    expect((await api.uploadFile(portrait)).status).toBe(200);
  });

  it.each([
    [{ mediaType: 'AUDIO' }, 422, 'audio_model_missing'],
    [{ mediaType: 'PDF' }, 400, 'unknown_media_type'],
    [{ callbackUrl: 'https://x' }, 400, 'not_supported'],
    [{ options: 'not json' }, 400, 'invalid_request'],
    [{ options: '{"model":"another"}' }, 400, 'unknown_model'],
    [{ options: '{"sampling":{"policy":"all"}}' }, 400, 'invalid_request'],
  ])('refuses the fields %j before or after the file', async (fields, status, code) => {
    for (const options of [{ before: fields }, { after: fields }]) {
      const answer = await api.uploadFile<ProblemBody>(portrait, options);
      expect([answer.status, answer.body.code]).toEqual([status, code]);
    }
  });

  it('refuses forms without the file, with two, and those that break off', async () => {
    const send = (body: FormData | string, headers: Record<string, string> = {}) =>
      api.ask<ProblemBody>('/api/v1/inference', { method: 'POST', body, headers });
    const form = (...names: string[]) => {
      const data = new FormData();
      for (const name of names) data.append(name, new Blob(['x']), 'file');
      return data;
    };
    expect((await send(form())).body.code).toMatch(/media_missing|invalid_multipart/);
    expect((await send(form('video'))).body.code).toBe('invalid_request');
    expect((await send(form('media', 'media'))).body.code).toBe('invalid_request');
    const broken = '--b\r\ncontent-disposition: form-data; name="media"; filename="a"\r\n\r\nabc';
    const type = { 'content-type': 'multipart/form-data; boundary=b' };
    expect((await send(broken, type)).body.code).toBe('invalid_multipart');
    expect((await send('x', { 'content-type': 'multipart/form-data' })).body.code).toBe(
      'invalid_multipart',
    );
    expect(await readdir(path.join(folder, 'blobs/.incoming'))).toEqual([]);
  });

  it('looks at the frames that options.sampling asks for, as an analysis of its own', async () => {
    const video = await makeVideo(folder, { seconds: 5, width: 160, height: 120 });
    const policies = [undefined, '{"policy":"keyframes"}', '{"fps":2,"policy":"fps"}'];
    const answers = [];
    for (const policy of policies) {
      const options = policy === undefined ? '' : `{"sampling":${policy}}`;
      answers.push(await api.uploadFile(video, { before: { options } }));
    }
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(answers.map(({ body }) => [body.coverage.policy, body.timeline.length])).toEqual([
      ['even', 30],
      ['keyframes', 3],
      ['fps', 10],
    ]);
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(3);
    const same = { options: '{"sampling":{"policy":"fps","fps":2.0}}' };
    const again = await api.uploadFile(video, { after: same });
    expect(again.body).toEqual(answers[2]?.body);
  });

  it('answers a long video with 202, and its analysis when asked for', async () => {
    const video = await makeVideo(folder, { seconds: 75, width: 160, height: 120 });
    const accepted = await api.uploadFile<AnalysisResource>(video);
    expect(accepted.status).toBe(202);
    expect(Number(accepted.headers.get('retry-after'))).toBeGreaterThan(0);
    const { id } = accepted.body;
    expect(accepted.headers.get('location')).toBe(`/api/v1/inference/${id}`);
    expect(accepted.body).toMatchObject({
      status: expect.stringMatching(/queued|running/) as string,
      links: {
        self: `/api/v1/inference/${id}`,
        temporal: `http://ui.test/namespaces/default/workflows/${workflowIdOf(id, PREFIX)}`,
      },
    });
    const done = await until('the analysis', async () => {
      const { body } = await api.analysis(id);
      return body.status === 'succeeded' && body;
    });
    expect(done.result?.coverage).toMatchObject({ policy: 'fps', frames_decoded: 75 });
    const report = await api.ask<string>(done.links.report ?? '');
    expect(report.status).toBe(200);
    expect(report.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(report.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(report.body).toContain(id);
    expect(report.body).toContain('data:image/jpeg;base64,');
  });

  it('keeps a failed analysis with its reason, and runs it again when asked again', async () => {
    const bytes = new Uint8Array(Buffer.from('not a medium at all'));
    const failed = await api.upload<ProblemBody & { id: string }>(bytes);
    const { body } = await api.analysis(failed.body.id);
    expect(body).toMatchObject({ status: 'failed', error: { code: 'media_unreadable' } });
    const report = await api.ask<ProblemBody>(`/api/v1/inference/${failed.body.id}/report`);
    expect([report.status, report.body.code]).toEqual([409, 'report_not_ready']);
    expect((await api.upload<ProblemBody>(bytes)).body.code).toBe('media_unreadable');
    await until('both runs', async () => (await runsOf(failed.body.id)).length === 2);
  });

  it('makes a result anew that is gone from the store', async () => {
    const { body } = await api.uploadFile(portrait);
    await rm(path.join(folder, 'blobs/runs', body.id), { recursive: true });
    const gone = await api.ask<ProblemBody>(`/api/v1/inference/${body.id}`);
    expect([gone.status, gone.body.code]).toEqual([410, 'result_gone']);
    const again = await api.uploadFile(portrait);
    const { inference_time, created_at } = again.body;
    expect(again.body).toEqual({ ...body, inference_time, created_at });
  });

  it('keeps its insides to itself when something breaks, and names the line in the log', async () => {
    const { body } = await api.uploadFile(portrait);
    const stored = path.join(folder, 'blobs/runs', body.id, 'result.json');
    const intact = await readFile(stored);
    await writeFile(stored, '{"cut":');
    // Without its checksum it is taken as it is.
    await rm(path.join(path.dirname(stored), '.result.json.sha256'));
    const broken = await api.ask<ProblemBody>(`/api/v1/inference/${body.id}`);
    await writeFile(stored, intact);
    expect([broken.status, broken.body.code]).toEqual([500, 'internal_error']);
    expect(broken.body.error_id).toBe(broken.headers.get('x-request-id'));
    expect(JSON.stringify(broken.body)).not.toMatch(/JSON|position|result\.json|\.ts|\.js/);
    expect((await api.analysis(body.id)).status).toBe(200);
  });

  describe('while nobody does the work', () => {
    beforeAll(async () => {
      const [media] = parts.splice(0, 1);
      await stopProcesses(media ? [media] : []);
    });
    afterAll(async () => {
      parts.unshift(await startProcess('media', deployment()));
    });

    const fresh = async (name: string) => {
      const bytes = Buffer.concat([await readFile(tall), Buffer.from(name)]);
      return new Uint8Array(bytes);
    };

    /** The run of what `fresh` made, by Temporal's list of runs. */
    const runOf = async (name: string) => {
      const sha256 = createHash('sha256')
        .update(await fresh(name))
        .digest('hex');
      for await (const run of temporal.workflow.list({ query: `MediaSha256="${sha256}"` })) {
        return run;
      }
      return null;
    };

    it('answers as preferred, and tells how the analysis stands', async () => {
      const bytes = await fresh('async');
      const prefer = { prefer: 'respond-async' };
      const accepted = await api.upload<AnalysisResource>(bytes, { headers: prefer });
      expect(accepted.status).toBe(202);
      expect(accepted.headers.get('preference-applied')).toBe('respond-async');
      const { body } = await api.analysis(accepted.body.id);
      expect(body).toMatchObject({ status: 'queued', progress: { stage: 'describing' } });
      const waited = await api.upload<AnalysisResource>(bytes, { headers: { prefer: 'wait=1' } });
      expect([waited.status, waited.body.id]).toEqual([202, accepted.body.id]);
      expect(waited.headers.get('preference-applied')).toBe('wait=1');
    });

    it('tells an older client to come back, which then gets its answer', async () => {
      const impatient = await startApi({ SYNC_WAIT_SECONDS: '1' });
      const body = { mediaType: 'VIDEO', extractedFrames: [tall, portrait, tall] };
      const early = await impatient.postJson<ProblemBody>(body);
      expect([early.status, early.body.code]).toEqual([503, 'still_running']);
      expect(Number(early.headers.get('retry-after'))).toBeGreaterThan(0);
      await impatient.stop();
      const waiting = api.postJson(body);
      parts.unshift(await startProcess('media', deployment()));
      const late = await waiting;
      expect(late.status).toBe(200);
      expect(late.body.id).toBe(early.body.id);
      const [media] = parts.splice(0, 1);
      await stopProcesses(media ? [media] : []);
    });

    it('stops waiting for a client that left, and the run goes on', async () => {
      const client = new AbortController();
      const bytes = await fresh('left');
      const request = api.upload(bytes, { signal: client.signal, headers: { prefer: 'wait=60' } });
      const run = await until('the run', () => runOf('left'));
      client.abort();
      await expect(request).rejects.toThrow();
      const { status } = await temporal.workflow.getHandle(run.workflowId).describe();
      expect(status.name).toBe('RUNNING');
      await temporal.workflow.getHandle(run.workflowId).terminate('test');
    });

    it('answers those who wait when it is told to stop', async () => {
      const other = await startApi();
      const headers = { prefer: 'wait=60' };
      const waiting = other.upload<AnalysisResource>(await fresh('drain'), { headers });
      await until('the run', () => runOf('drain'));
      await other.stop();
      expect((await waiting).status).toBe(202);
    });
  });

  it('answers a finished analysis without Temporal or workers', async () => {
    const { body } = await api.uploadFile<AnalysisResult>(portrait);
    const alone = await startApi({ TEMPORAL_ADDRESS: '127.0.0.1:1' });
    const found = await alone.analysis(body.id);
    expect(found.body).toMatchObject({ status: 'succeeded', result: { id: body.id } });
    await alone.stop();
  });
});
