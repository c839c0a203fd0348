import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import type { History } from '@temporalio/common/lib/proto-utils.js';
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { RunningPart } from '../../apps/standalone/supervisor/part.js';
import { FolderStore } from '../../libs/blobs/folder-store.js';
import { resultKey } from '../../workflows/contracts/blob-keys.js';
import type { AnalysisResult } from '../../workflows/contracts/result.js';
import { searchAttributes } from '../../workflows/contracts/search-attributes.js';
import { startProcess, stopProcesses } from '../support/processes.js';
import { AnalysisStarter, analysisIdOfHandle } from '../support/start-analysis.js';
import { until } from '../support/until.js';
import { makeVideo } from '../support/videos.js';

const bundle = fileURLToPath(new URL('../../dist/workflow-bundle.js', import.meta.url));

/** What a fresh worker finds wrong with a history. */
async function replay(workflowId: string, history: History): Promise<Error | undefined> {
  const workflowBundle = { codePath: bundle };
  const replays = Worker.runReplayHistories({ workflowBundle }, [{ workflowId, history }]);
  for await (const { error } of replays) return error;
  throw new Error('expected one replayed run');
}

/** Five minutes, five segments. */
const SECONDS = 300;

describe('a video of many segments', () => {
  let folder: string;
  let blobs: FolderStore;
  let parts: RunningPart[];
  let starter: AnalysisStarter;
  let client: Client;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'long-video-'));
    blobs = await FolderStore.open(path.join(folder, 'blobs'));
    const temporalAddress = inject('temporalAddress');
    const deployment = { temporalAddress, dataDir: folder, taskQueuePrefix: 'long-video-' };
    parts = await Promise.all([
      startProcess('media', deployment),
      startProcess('media', deployment),
      startProcess('inference', deployment),
    ]);
    starter = await AnalysisStarter.connect(temporalAddress, deployment.taskQueuePrefix, blobs);
    client = new Client({ connection: await Connection.connect({ address: temporalAddress }) });
  });
  afterAll(async () => {
    await client.connection.close();
    await starter.close();
    await stopProcesses(parts);
    await rm(folder, { recursive: true });
  });

  const resultOf = async (id: string) =>
    JSON.parse(Buffer.from((await blobs.get(resultKey(id)))!).toString()) as AnalysisResult;

  it('is handed from run to run, and is one analysis with one answer', async () => {
    const file = await makeVideo(folder, { seconds: SECONDS, width: 64, height: 48 });
    const limits = { segmentsInFlight: 2, segmentsPerRun: 2, maxFrames: SECONDS };
    const began = Date.now();
    const analysis = await starter.startFile(file, { limits, deadlineSeconds: 600 });
    const { workflowId } = analysis;
    // As someone who only knows the ID follows it, from before the first run has ended.
    const joined = client.workflow.getHandle(workflowId).result();
    const first = await analysis.describe();
    const later = await until('another run', async () => {
      const now = await client.workflow.getHandle(workflowId).describe();
      return now.runId !== first.runId && now;
    });
    expect(later.memo).toMatchObject({ progress: { segmentsTotal: 5 } });
    const { progress } = later.memo as { progress: { segmentsScored: number } };
    expect(progress.segmentsScored).toBeGreaterThanOrEqual(2);

    const summary = await analysis.result();
    expect(await joined).toEqual(summary);
    const id = analysisIdOfHandle(analysis);
    const { timeline, coverage, inference_time } = await resultOf(id);
    expect(coverage).toMatchObject({
      policy: 'fps',
      duration_seconds: SECONDS,
      analysed_seconds: SECONDS,
      frames_sampled: SECONDS,
      frames_decoded: SECONDS,
      gaps: [],
    });
    expect(timeline.map(({ frame }) => frame)).toEqual(timeline.map((_, i) => i));
    // From the start of the first run.
    expect(inference_time).toBeLessThanOrEqual(Date.now() - began);
    expect(inference_time).toBeGreaterThan(later.startTime.getTime() - first.startTime.getTime());

    const last = await client.workflow.getHandle(workflowId).describe();
    expect(last.status.name).toBe('COMPLETED');
    expect(last.memo).toMatchObject({
      progress: { stage: 'done', segmentsTotal: 5, segmentsScored: 5, framesScored: SECONDS },
      answer: { verdict: summary.verdict },
    });
    expect(last.typedSearchAttributes.get(searchAttributes.verdict)).toBe(summary.verdict);

    const runs = await until('three runs in the list', async () => {
      const found = [];
      for await (const run of client.workflow.list({ query: `WorkflowId = '${workflowId}'` }))
        found.push(run);
      return found.length === 3 && found;
    });
    expect(runs.map(({ status }) => status.name).sort()).toEqual([
      ...['COMPLETED', 'CONTINUED_AS_NEW', 'CONTINUED_AS_NEW'],
    ]);
    const workers = new Set<string>();
    for (const { runId } of runs) {
      const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
      const { events } = history;
      expect(await replay(workflowId, history)).toBeUndefined();
      expect(events?.length).toBeLessThan(150);
      for (const { activityTaskStartedEventAttributes: started } of events ?? [])
        if (started?.identity?.startsWith('media')) workers.add(started.identity);
    }
    expect(workers.size).toBe(2);
  });

  it('ends when it is cancelled in a later run', async () => {
    const file = await makeVideo(folder, { seconds: SECONDS, width: 64, height: 48 });
    const limits = { segmentsInFlight: 1, segmentsPerRun: 1, maxFrames: SECONDS };
    const analysis = await starter.startFile(file, { limits });
    const handle = client.workflow.getHandle(analysis.workflowId);
    const { runId } = await handle.describe();
    await until('another run', async () => (await handle.describe()).runId !== runId);
    await handle.cancel();
    await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    expect((await handle.describe()).status.name).toBe('CANCELLED');
  });
});
