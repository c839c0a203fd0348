import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { ProblemBody } from '../../apps/api/problems/problem-body.js';
import type { RunningPart } from '../../apps/standalone/supervisor/part.js';
import { resultKey } from '../../workflows/contracts/blob-keys.js';
import type { AnalysisResult } from '../../workflows/contracts/result.js';
import { TestApi } from '../support/api.js';
import { startProcess, stopProcesses } from '../support/processes.js';
import { S3_ENVIRONMENT, S3Server } from '../support/s3-server.js';
import { TcpLink } from '../support/tcp-link.js';
import { until } from '../support/until.js';
import { makeVideo } from '../support/videos.js';

const portrait = fileURLToPath(
  new URL('../fixtures/golden/pictures/portrait-512.png', import.meta.url),
);
const Bucket = 'analyses';

/** What does not depend on when it ran. */
const lasting = ({ inference_time, created_at, ...result }: AnalysisResult) => {
  expect(inference_time).toBeGreaterThanOrEqual(0);
  expect(created_at).not.toBe('');
  return result;
};

describe('the whole analysis on a bucket', () => {
  let folder: string;
  let server: S3Server;
  let link: TcpLink;
  const parts: RunningPart[] = [];
  const apis: TestApi[] = [];
  let onFolder: TestApi;
  let onBucket: TestApi;

  const start = async (name: string, env: Readonly<Record<string, string>>) => {
    const dataDir = path.join(folder, name);
    const taskQueuePrefix = `bucket-analysis-${name}-`;
    const temporalAddress = inject('temporalAddress');
    parts.push(await startProcess('all', { temporalAddress, dataDir, taskQueuePrefix, env }));
    const api = await TestApi.start({
      TEMPORAL_ADDRESS: temporalAddress,
      TASK_QUEUE_PREFIX: taskQueuePrefix,
      DATA_DIR: dataDir,
      ...env,
    });
    apis.push(api);
    await until('a healthy service', async () => (await api.ask('/health')).status === 200);
    return api;
  };

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'bucket-analysis-'));
    Object.assign(process.env, S3_ENVIRONMENT);
    server = await S3Server.start(path.join(folder, 's3'));
    await server.createBucket(Bucket);
    link = await TcpLink.to(server.port);
    onFolder = await start('folder', {});
    onBucket = await start('bucket', {
      S3_BUCKET: Bucket,
      S3_ENDPOINT: `http://127.0.0.1:${link.port}`,
      S3_FORCE_PATH_STYLE: '1',
      S3_MAX_ATTEMPTS: '2',
    });
  });
  afterAll(async () => {
    await Promise.all(apis.map((api) => api.stop()));
    await stopProcesses(parts);
    await link.cut();
    await server.stop();
    await rm(folder, { recursive: true });
  });

  it('gives the result that a folder gives, and writes no blob to this machine', async () => {
    const video = await makeVideo(folder, { seconds: 12, width: 480, height: 360 });
    for (const file of [portrait, video]) {
      const options = { headers: { prefer: 'wait=60' } };
      const expected = await onFolder.uploadFile(file, options);
      const found = await onBucket.uploadFile(file, options);
      expect([expected.status, found.status]).toEqual([200, 200]);
      expect(lasting(found.body)).toEqual(lasting(expected.body));
      const report = await onBucket.ask<string>(`/api/v1/inference/${found.body.id}/report`);
      expect(report.body).toContain('data:image/jpeg;base64,');
    }
    const list = await server.client().send(new ListObjectsV2Command({ Bucket }));
    const folders = new Set((list.Contents ?? []).map(({ Key = '' }) => Key.split('/')[0]));
    expect([...folders].sort()).toEqual(['crops', 'media', 'runs']);
    expect((await readdir(path.join(folder, 'bucket'))).filter((name) => name === 'blobs')).toEqual(
      [],
    );
  });

  it('makes a result anew that was damaged in the bucket', async () => {
    const { body } = await onBucket.uploadFile(portrait);
    const object = { Bucket, Key: resultKey(body.id) };
    const client = server.client();
    const { Metadata } = await client.send(new GetObjectCommand(object));
    await client.send(new PutObjectCommand({ ...object, Body: '{"cut":', Metadata }));
    const gone = await onBucket.ask<ProblemBody>(`/api/v1/inference/${body.id}`);
    expect([gone.status, gone.body.code]).toEqual([410, 'result_gone']);
    const again = await onBucket.uploadFile(portrait);
    expect(lasting(again.body)).toEqual(lasting(body));
  });

  it('deletes an analysis from the bucket', async () => {
    const { body } = await onBucket.uploadFile(portrait);
    const keys = async () => {
      const list = await server.client().send(new ListObjectsV2Command({ Bucket }));
      const digits = `/${body.id.slice(0, 16)}`;
      return (list.Contents ?? []).filter(({ Key = '' }) => Key.includes(digits)).length;
    };
    const count = await keys();
    expect(count).toBeGreaterThan(4);
    const { body: deleted } = await onBucket.ask(`/api/v1/inference/${body.id}`, {
      method: 'DELETE',
    });
    expect(deleted).toMatchObject({ deleted: { result: true, blobs: count } });
    // The note of it.
    expect(await keys()).toBe(1);
  });

  it('answers storage_unavailable while the bucket is away, and goes on when it is back', async () => {
    const { body } = await onBucket.uploadFile(portrait);
    await link.cut();
    for (const answer of [
      await onBucket.uploadFile<ProblemBody>(portrait),
      await onBucket.ask<ProblemBody>(`/api/v1/inference/${body.id}`),
    ]) {
      expect([answer.status, answer.body.code]).toEqual([503, 'storage_unavailable']);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(JSON.stringify(answer.body)).not.toMatch(/127\.0\.0\.1|analyses\/|media\//);
    }
    await link.mend();
    expect((await onBucket.uploadFile(portrait)).body).toEqual(body);
  });

  it.each([
    ['a bucket that is not there', { S3_BUCKET: 'no-such-bucket' }, /S3_BUCKET: .*no-such-bucket/],
    ['an endpoint without a bucket', { S3_BUCKET: '' }, /S3_ENDPOINT: expected S3_BUCKET/],
  ])('does not start with %s', async (_what, changes, message) => {
    const started = TestApi.start({
      DATA_DIR: path.join(folder, 'refused'),
      S3_ENDPOINT: server.endpoint,
      S3_FORCE_PATH_STYLE: '1',
      ...changes,
    });
    await expect(started).rejects.toThrow(message);
  });

  it('starts although the bucket can not be reached yet', async () => {
    const api = await TestApi.start({
      DATA_DIR: path.join(folder, 'early'),
      S3_BUCKET: Bucket,
      S3_ENDPOINT: 'http://127.0.0.1:9',
      S3_FORCE_PATH_STYLE: '1',
      S3_MAX_ATTEMPTS: '1',
    });
    const id = '0123456789abcdef-0123456789abcdef';
    const answer = await api.ask<ProblemBody>(`/api/v1/inference/${id}`);
    expect([answer.status, answer.body.code]).toEqual([503, 'storage_unavailable']);
    await api.stop();
  });
});
