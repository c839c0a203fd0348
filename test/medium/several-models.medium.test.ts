import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection, defaultPayloadConverter } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { HealthBody } from '../../apps/api/health/health-body.js';
import type { ProblemBody } from '../../apps/api/problems/problem-body.js';
import type { RunningPart } from '../../apps/standalone/supervisor/part.js';
import type { ExtractedFaces } from '../../workflows/contracts/activities.js';
import { workflowIdOf } from '../../workflows/contracts/progress.js';
import type { AnalysisResult } from '../../workflows/contracts/result.js';
import { TestApi } from '../support/api.js';
import { OTHER_MODEL, startProcess, stopProcesses, TINY_MODEL } from '../support/processes.js';
import { until } from '../support/until.js';
import { makeVideo } from '../support/videos.js';

const pictures = fileURLToPath(new URL('../fixtures/golden/pictures/', import.meta.url));
const PREFIX = 'several-models-';
const MODELS = `other=${OTHER_MODEL}?dtype=int8,absent=/srv/nothing/here?dtype=int8`;

/** A picture with bytes of its own: tests on one server must not ask for one another's analyses. */
async function pictureOfOwn(name: string, folder: string): Promise<string> {
  const file = path.join(folder, name);
  const bytes = await readFile(path.join(pictures, name));
  await writeFile(file, Buffer.concat([bytes, Buffer.from(folder)]));
  return file;
}

describe('several models', () => {
  let folder: string;
  let portrait: string;
  let tall: string;
  let api: TestApi;
  let parts: RunningPart[];
  let temporal: Client;
  const deployment = (models = MODELS) => ({
    temporalAddress: inject('temporalAddress'),
    dataDir: folder,
    taskQueuePrefix: PREFIX,
    models,
  });
  const health = async () => (await api.ask<HealthBody>('/health')).body;
  const stateOf = async (alias: string) =>
    (await health()).models.find((model) => model.alias === alias)!;
  const upload = <T = AnalysisResult>(file: string, fields: Readonly<Record<string, string>>) =>
    api.uploadFile<T>(file, { before: fields });
  const named = (model: string) => ({ options: JSON.stringify({ model }) });

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'several-models-'));
    portrait = await pictureOfOwn('portrait-512.png', folder);
    tall = await pictureOfOwn('tall-270x480.jpg', folder);
    const connection = await Connection.connect({ address: inject('temporalAddress') });
    temporal = new Client({ connection });
    parts = await Promise.all([
      startProcess('media', deployment()),
      startProcess('inference', deployment()),
      startProcess('inference', deployment(), 'other'),
    ]);
    api = await TestApi.start({
      TEMPORAL_ADDRESS: inject('temporalAddress'),
      TASK_QUEUE_PREFIX: PREFIX,
      DATA_DIR: folder,
      MEDIA_ROOTS: folder,
      MODEL_PATH: TINY_MODEL,
      MODELS,
    });
    await until('both models', async () => {
      const { status, models } = await health();
      return status === 'healthy' && models[1]?.status === 'loaded';
    });
  });
  afterAll(async () => {
    await api.stop();
    await stopProcesses(parts);
    await temporal.connection.close();
    await rm(folder, { recursive: true });
  });

  it('are listed in /health with how each stands, the default one at top level too', async () => {
    const body = await health();
    const loaded = {
      status: 'loaded',
      revision: 'local',
      dtype: 'fp32',
      device: 'cpu',
      architecture: 'SiglipForImageClassification',
      fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
      weights_sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      fake_label: expect.any(String) as string,
      graph_builder: 'vision-transformer-1',
      processor: '224 2 0.00392156862745098 0.5,0.5,0.5 0.5,0.5,0.5',
      accuracy: null,
      workers: 1,
      mixed: false,
    };
    const measured = {
      pictures: 16,
      max_difference: expect.any(Number) as number,
      mean_difference: expect.any(Number) as number,
      bound: 0.01,
    };
    expect(body.models).toEqual([
      { alias: 'default', id: 'tiny-f32', ...loaded },
      {
        alias: 'other',
        id: 'tiny-bf16',
        ...loaded,
        dtype: 'int8',
        graph_builder: 'vision-transformer-1/int8-4',
        accuracy: measured,
      },
      expect.objectContaining({
        alias: 'absent',
        id: 'here',
        status: 'not_loaded',
        dtype: 'int8',
        fingerprint: null,
        workers: 0,
      }),
    ]);
    const [standard, other] = body.models;
    expect(other?.accuracy?.max_difference).toBeGreaterThan(0);
    expect(other?.accuracy?.max_difference).toBeLessThanOrEqual(0.01);
    expect(standard?.fingerprint).not.toBe(other?.fingerprint);
    expect(body).toMatchObject({
      status: 'healthy',
      model: 'tiny-f32',
      model_status: 'loaded',
      fingerprint: standard?.fingerprint,
      workers: { media: 1, inference: 1 },
    });
    expect(JSON.stringify(body)).not.toContain('/srv');
  });

  it('are chosen strictly by options.model, wherever in the form it is', async () => {
    const standard = await upload(portrait, {});
    const before = await upload(portrait, named('other'));
    const after = await api.uploadFile(portrait, { after: named('other') });
    expect(standard.body.model.id).toBe('tiny-f32');
    expect(before.body.model.id).toBe('tiny-bf16');
    expect(before.body.model_version).toBe('v2');
    expect(after.body).toEqual(before.body);
    expect(before.body.id).not.toBe(standard.body.id);
    expect((await upload(portrait, named('default'))).body).toEqual(standard.body);
    const json = { mediaType: 'IMAGE', extractedFrames: [portrait], options: { model: 'other' } };
    expect((await api.postJson(json)).body.model.id).toBe('tiny-bf16');
  });

  it('refuse an unknown options.model and name the known ones', async () => {
    const json = {
      mediaType: 'IMAGE',
      extractedFrames: [portrait],
      options: { model: 'tiny-f32' },
    };
    for (const { status, body } of [
      await upload<ProblemBody>(portrait, named('tiny-f32')),
      await api.uploadFile<ProblemBody>(portrait, { after: named('tiny-f32') }),
      await api.postJson<ProblemBody>(json),
    ]) {
      expect(status).toBe(400);
      expect(body).toMatchObject({ code: 'unknown_model', known: ['default', 'other', 'absent'] });
      expect(body.detail).toContain('default or other or absent, got "tiny-f32"');
    }
  });

  it('are chosen by a modelVersion that is an alias; any other text is only echoed', async () => {
    const chosen = await upload(portrait, { modelVersion: 'other' });
    expect(chosen.body).toMatchObject({ model_version: 'other', model: { id: 'tiny-bf16' } });
    const echoed = await upload(portrait, { modelVersion: 'tiny-bf16' });
    expect(echoed.body).toMatchObject({ model_version: 'tiny-bf16', model: { id: 'tiny-f32' } });
    const both = await upload(portrait, { modelVersion: 'other', ...named('default') });
    expect(both.body).toMatchObject({ model_version: 'other', model: { id: 'tiny-f32' } });
  });

  it('share the crops of a medium: the second model decodes nothing', async () => {
    const video = await makeVideo(folder, { seconds: 4, width: 336, height: 240 });
    const first = await upload(video, {});
    const second = await upload(video, named('other'));
    expect(first.status).toBe(200);
    expect((await extractionsOf(first.body.id)).map(({ reused }) => reused)).toEqual([false]);
    expect((await extractionsOf(second.body.id)).map(({ reused }) => reused)).toEqual([true]);
    const boxes = ({ timeline }: AnalysisResult) =>
      timeline.map(({ frame, t, box }) => [frame, t, box]);
    expect(second.body.timeline).toHaveLength(30);
    expect(boxes(second.body)).toEqual(boxes(first.body));
    expect(second.body.timeline.map(({ p }) => p)).not.toEqual(
      first.body.timeline.map(({ p }) => p),
    );
    const report = await api.ask<string>(`/api/v1/inference/${second.body.id}/report`);
    expect(report.body).toContain('data:image/jpeg;base64,');
  });

  it('are refused alone while they are away, and what waits for nobody is not read', async () => {
    const { status, body, headers } = await upload<ProblemBody>(tall, named('absent'));
    expect(status).toBe(503);
    expect(body).toMatchObject({ code: 'model_unavailable', reason: 'no_worker', model: 'absent' });
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await upload(tall, {})).status).toBe(200);
  });

  it('are refused while workers of one alias run different ones; the others go on', async () => {
    const stranger = await startProcess('inference', deployment(`other=${TINY_MODEL}`), 'other');
    try {
      await until('the mixture to be seen', async () => (await stateOf('other')).mixed);
      const { status, body } = await upload<ProblemBody>(portrait, named('other'));
      expect([status, body.code]).toEqual([503, 'model_mismatch']);
      expect(body.detail).toContain('"other"');
      expect((await upload(portrait, {})).status).toBe(200);
      expect((await health()).status).toBe('healthy');
    } finally {
      await stopProcesses([stranger]);
    }
    await until('one model again', async () => !(await stateOf('other')).mixed);
  });

  it('that are not configured are refused at a worker’s start, with those that are', async () => {
    await expect(startProcess('inference', deployment(), 'faster')).rejects.toThrow(
      /ended \(78\)[^]*\(default, other, absent\)[^]*got "faster"/,
    );
    await expect(startProcess('inference', deployment(), 'absent')).rejects.toThrow(
      /ended \(78\)[^]*the model "absent" of MODELS: /,
    );
  });

  /** What the activity `extractFaces` answered in an analysis, by the server's own history. */
  async function extractionsOf(id: string): Promise<ExtractedFaces[]> {
    const { events } = await temporal.workflow.getHandle(workflowIdOf(id, PREFIX)).fetchHistory();
    const isExtraction = new Set(
      (events ?? [])
        .filter(
          ({ activityTaskScheduledEventAttributes: scheduled }) =>
            scheduled?.activityType?.name === 'extractFaces',
        )
        .map(({ eventId }) => String(eventId)),
    );
    return (events ?? []).flatMap(({ activityTaskCompletedEventAttributes: completed }) => {
      const [payload] = completed?.result?.payloads ?? [];
      return payload && isExtraction.has(String(completed?.scheduledEventId))
        ? [defaultPayloadConverter.fromPayload<ExtractedFaces>(payload)]
        : [];
    });
  }
});

describe('a worker with the role all', () => {
  it('serves every configured model', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'role-all-'));
    const all = await startProcess('all', {
      temporalAddress: inject('temporalAddress'),
      dataDir: folder,
      taskQueuePrefix: 'role-all-',
      models: `other=${OTHER_MODEL}`,
    });
    const api = await TestApi.start({
      TEMPORAL_ADDRESS: inject('temporalAddress'),
      TASK_QUEUE_PREFIX: 'role-all-',
      DATA_DIR: folder,
      MODELS: `other=${OTHER_MODEL}`,
    });
    try {
      await until('both models', async () => {
        const { body } = await api.ask<HealthBody>('/health');
        return body.status === 'healthy' && body.models.every(({ status }) => status === 'loaded');
      });
      const bytes = new Uint8Array(await readFile(await pictureOfOwn('portrait-512.png', folder)));
      for (const [alias, id] of [
        ['default', 'tiny-f32'],
        ['other', 'tiny-bf16'],
      ]) {
        const { body } = await api.upload(bytes, { after: { modelVersion: alias! } });
        expect(body.model.id).toBe(id);
      }
    } finally {
      await api.stop();
      await stopProcesses([all]);
      await rm(folder, { recursive: true });
    }
  });
});
