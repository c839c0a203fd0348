import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { AnalysisResource } from '../../apps/api/analyses/analysis-resource.js';
import type { RunningPart } from '../../apps/standalone/supervisor/part.js';
import { FolderStore } from '../../libs/blobs/folder-store.js';
import { workflowIdOf } from '../../workflows/contracts/progress.js';
import { taskQueues } from '../../workflows/contracts/queues.js';
import { TestApi } from '../support/api.js';
import { startProcess, stopProcesses } from '../support/processes.js';
import { AnalysisStarter, analysisIdOfHandle } from '../support/start-analysis.js';
import { until } from '../support/until.js';
import { makeVideo } from '../support/videos.js';

const portrait = fileURLToPath(
  new URL('../fixtures/golden/pictures/portrait-512.png', import.meta.url),
);
const PREFIX = 'turns-';
const MOST = 2;
/** What waits longer than this counts as a backlog to the server, which then hands it out by more than one way. */
const BACKLOG_AGE_MS = 7_000;
/** A run of which nothing is heard counts for a minute, one whose model is away for 5 s. */
const AWAY_MS = 30_000;
/** It takes some tens of milliseconds; the machine may be busy with other things. */
const CANCEL_MS = 3_000;

describe('runs that wait for their turn', () => {
  let folder: string;
  let api: TestApi;
  let temporal: Client;
  const parts: RunningPart[] = [];
  const startWorker = async (role: 'media' | 'inference') => {
    const deployment = {
      temporalAddress: inject('temporalAddress'),
      dataDir: folder,
      taskQueuePrefix: PREFIX,
      env: { ANALYSES_IN_FLIGHT: String(MOST) },
    };
    parts.push(await startProcess(role, deployment));
  };
  const send = async (file: string, name: string) => {
    const bytes = Buffer.concat([await readFile(file), freeBox(name)]);
    const headers = { prefer: 'respond-async' };
    const { status, body } = await api.upload<AnalysisResource>(new Uint8Array(bytes), { headers });
    expect(status).toBe(202);
    return body.id;
  };
  const handleOf = (id: string) => temporal.workflow.getHandle(workflowIdOf(id, PREFIX));
  const statusOf = async (id: string) => (await api.analysis(id)).body.status;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'turns-'));
    const connection = await Connection.connect({ address: inject('temporalAddress') });
    temporal = new Client({ connection });
    await startWorker('inference');
    api = await TestApi.start({
      TEMPORAL_ADDRESS: inject('temporalAddress'),
      TASK_QUEUE_PREFIX: PREFIX,
      DATA_DIR: folder,
    });
    await until('a model', async () => (await api.ask('/health/ready')).status === 200);
  });
  afterAll(async () => {
    await api.stop();
    await stopProcesses(parts);
    await temporal.connection.close();
    await rm(folder, { recursive: true });
  });

  /** When a run was given its turn and when it ended, in ms since the epoch. */
  const spanOf = async (id: string) => {
    const { events } = await handleOf(id).fetchHistory();
    const all = events ?? [];
    const probed = all.find(
      ({ activityTaskScheduledEventAttributes: scheduled }) =>
        scheduled?.activityType?.name === 'probeMedia',
    );
    const began = all.find(
      ({ activityTaskStartedEventAttributes: started }) =>
        started != null && Number(started.scheduledEventId) === Number(probed?.eventId),
    );
    return {
      began: began === undefined ? null : millisecondsOf(began.eventTime),
      ended: millisecondsOf(all.at(-1)?.eventTime),
    };
  };

  it('are let in by so many as may be under way and no more, however long they have waited', async () => {
    const ids = await Promise.all(
      Array.from({ length: 12 }, (_, i) => send(portrait, `waiting ${i}`)),
    );
    await sleep(BACKLOG_AGE_MS);
    await startWorker('media');
    await until('their ends', async () => {
      const statuses = await Promise.all(ids.map(statusOf));
      return statuses.every((status) => status === 'succeeded');
    });
    const spans = await Promise.all(ids.map(spanOf));
    const underWay = spans.map(
      ({ began: at }) => spans.filter(({ began, ended }) => began! <= at! && at! < ended).length,
    );
    expect(Math.max(...underWay)).toBeLessThanOrEqual(MOST);
  });

  it('do not wait for those that have had theirs and whose model is away', async () => {
    const blobs = await FolderStore.open(path.join(folder, 'blobs'));
    const starter = await AnalysisStarter.connect(inject('temporalAddress'), PREFIX, blobs);
    const { media, inference } = taskQueues(PREFIX);
    const queues = { media, inference: `${inference}-away`, hasTurns: true };
    const away = await Promise.all(
      Array.from({ length: MOST }, () => starter.startFile(portrait, { queues })),
    );
    await until('their turns', async () => {
      const spans = await Promise.all(away.map((run) => spanOf(analysisIdOfHandle(run))));
      return spans.every(({ began }) => began !== null);
    });
    const began = performance.now();
    const id = await send(portrait, 'beside those that are away');
    await until('its end', async () => (await statusOf(id)) === 'succeeded');
    expect(performance.now() - began).toBeLessThan(AWAY_MS);
    await Promise.all(away.map((run) => run.terminate()));
    await starter.close();
    await blobs.close();
  });

  it.each([
    ['by the API', (id: string) => api.ask(`/api/v1/inference/${id}/cancel`, { method: 'POST' })],
    ['by Temporal', (id: string) => handleOf(id).cancel()],
  ] as const)('end at once when they are cancelled %s', async (way, cancel) => {
    const video = await makeVideo(folder, { seconds: 60, width: 1920, height: 1080 });
    const before = await Promise.all(
      Array.from({ length: MOST }, (_, i) => send(video, `${way} ${i}`)),
    );
    await until('their turns', async () =>
      (await Promise.all(before.map(statusOf))).every((status) => status === 'running'),
    );
    const id = await send(portrait, way);
    const waits = 'probe the media, in its turn';
    await until('it to wait', async () =>
      ((await handleOf(id).describe()).raw.pendingActivities ?? []).some(
        ({ activityType, lastStartedTime }) =>
          activityType?.name === 'probeMedia' && lastStartedTime == null,
      ),
    );
    expect(JSON.stringify(await metadataOf(id))).toContain(waits);
    expect(await statusOf(id)).toBe('queued');

    await cancel(id);
    await until('its end', async () => (await statusOf(id)) === 'cancelled');
    expect(await Promise.all(before.map(statusOf))).toEqual(before.map(() => 'running'));
    const { events } = await handleOf(id).fetchHistory();
    const requested = events?.find(
      (event) => event.workflowExecutionCancelRequestedEventAttributes != null,
    );
    const { began, ended } = await spanOf(id);
    expect(began).toBeNull();
    expect(ended - millisecondsOf(requested?.eventTime)).toBeLessThan(CANCEL_MS);
    await Promise.all(before.map((other) => handleOf(other).cancel()));
    await until('the others’ ends', async () =>
      (await Promise.all(before.map(statusOf))).every((status) => status === 'cancelled'),
    );
  });

  /** What Temporal's UI shows of a run's steps. */
  const metadataOf = (id: string) => handleOf(id).query('__temporal_workflow_metadata');
});

function millisecondsOf(
  time: { seconds?: unknown; nanos?: number | null } | null | undefined,
): number {
  return Number(time?.seconds) * 1000 + (time?.nanos ?? 0) / 1e6;
}

/** A box that every reader of MP4 skips, and bytes behind a picture that every reader of pictures ignores. */
function freeBox(text: string): Buffer {
  const box = Buffer.alloc(8 + text.length);
  box.writeUInt32BE(box.length, 0);
  box.write(`free${text}`, 4, 'latin1');
  return box;
}
