import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { AnalysisResource } from '../../apps/api/analyses/analysis-resource.js';
import type { RunningPart } from '../../apps/standalone/supervisor/part.js';
import { workflowIdOf } from '../../workflows/contracts/progress.js';
import type { AnalysisResult } from '../../workflows/contracts/result.js';
import { TestApi } from '../support/api.js';
import { childrenOf } from '../support/child-processes.js';
import { killProcess, startProcess, stopProcesses } from '../support/processes.js';
import { until } from '../support/until.js';
import { makeVideo } from '../support/videos.js';

const pictures = path.join(import.meta.dirname, '../fixtures/golden/pictures');
const PREFIX = 'operators-view-';
const TRIES = 2;

describe('what operators see', () => {
  let folder: string;
  let api: TestApi;
  let temporal: Client;
  let media: RunningPart;
  let inference: RunningPart;
  const deployment = () => ({
    temporalAddress: inject('temporalAddress'),
    dataDir: folder,
    taskQueuePrefix: PREFIX,
  });
  const handleOf = (id: string) => temporal.workflow.getHandle(workflowIdOf(id, PREFIX));

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'operators-view-'));
    await mkdir(path.join(folder, 'jane-doe'));
    temporal = new Client({
      connection: await Connection.connect({ address: inject('temporalAddress') }),
    });
    [media, inference] = await Promise.all([
      startProcess('media', deployment()),
      startProcess('inference', deployment()),
    ]);
    api = await TestApi.start({
      TEMPORAL_ADDRESS: inject('temporalAddress'),
      TASK_QUEUE_PREFIX: PREFIX,
      DATA_DIR: folder,
      MEDIA_ROOTS: folder,
      SEGMENT_TRIES: String(TRIES),
    });
    await until('a healthy service', async () => (await api.ask('/health')).status === 200);
  });
  afterAll(async () => {
    await api.stop();
    await stopProcesses([media, inference]);
    await temporal.connection.close();
    await rm(folder, { recursive: true });
  });

  it('names media by hashes: no path and no file name of a client is in the history', async () => {
    const files = await Promise.all(
      ['portrait-512.png', 'tall-270x480.jpg'].map(async (name, i) => {
        const file = path.join(folder, 'jane-doe', `evidence-${i}${path.extname(name)}`);
        await copyFile(path.join(pictures, name), file);
        return file;
      }),
    );
    const { body } = await api.postJson({
      mediaType: 'VIDEO',
      extractedFrames: [...files, path.join(folder, 'jane-doe', 'evidence-missing.png')],
      metadata: { case: 'secret-case' },
    });
    expect(body.verdict).toBeDefined();
    const handle = handleOf(body.id);
    const history = historyToJSON(await handle.fetchHistory());
    for (const word of [folder, 'jane-doe', 'evidence', 'secret-case'])
      expect(history).not.toContain(word);
    const { memo, typedSearchAttributes } = await handle.describe();
    expect(memo).toMatchObject({
      progress: { stage: 'done' },
      answer: { verdict: body.verdict, risk_score: body.risk_score },
    });
    const attributes = Object.fromEntries(
      typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value]),
    );
    expect(attributes).toMatchObject({
      AnalysisStatus: 'succeeded',
      MediaSha256: body.media.sha256,
      MediaType: 'VIDEO',
      ModelRevision: 'local',
      RiskScore: body.risk_score,
      Tenant: 'default',
      Verdict: body.verdict,
    });
  });

  it('says of each run what was sent, before anything has looked at it', async () => {
    const video = await makeVideo(folder, { seconds: 2, width: 64, height: 48 });
    const text = path.join(folder, 'text.mp4');
    await writeFile(text, 'no video');
    const sent = [path.join(pictures, 'tall-270x480.jpg'), video, text];
    const summaries: unknown[] = [];
    for (const file of sent) {
      const { body } = await api.uploadFile<{ id: string }>(file);
      summaries.push(await (await handleOf(body.id).describe()).staticSummary());
    }
    expect(summaries).toEqual([
      expect.stringMatching(/^image\/jpeg · [\d.]+ kB · [0-9a-f]{8}$/),
      expect.stringMatching(/^video\/mp4 · [\d.]+ kB · [0-9a-f]{8}$/),
      expect.stringMatching(/^unknown format · 0\.0 kB · [0-9a-f]{8}$/),
    ]);
  });

  it('of a file that kills its worker each time is a clear failure, and the queue goes on', async () => {
    const poison = await makeVideo(folder, { seconds: 60, width: 1280, height: 720 });
    const { body } = await api.uploadFile<AnalysisResource>(poison, {
      headers: { prefer: 'respond-async' },
    });
    for (let tries = 1; tries <= TRIES; tries += 1) {
      await until('its decoder', async () => {
        return (await childrenOf(media.process.pid!, 'ffmpeg')).length > 0;
      });
      await killProcess(media);
      media = await startProcess('media', deployment());
    }
    const failed = await until('the failure', async () => {
      const { body: analysis } = await api.analysis(body.id);
      return analysis.status === 'failed' && analysis;
    });
    expect(failed.error).toMatchObject({ code: 'worker_lost', status: 422 });
    expect(failed.error?.detail).toContain('extractFaces');
    expect((await handleOf(body.id).describe()).memo).toMatchObject({
      failure: { code: 'worker_lost' },
    });
    const other = await api.uploadFile<AnalysisResult>(path.join(pictures, 'tall-270x480.jpg'));
    expect(other.status).toBe(200);
  });
});
