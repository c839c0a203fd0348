import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { FolderStore } from '../../libs/blobs/folder-store.js';
import type { RunningPart } from '../../apps/standalone/supervisor/part.js';
import { PRIORITY } from '../../workflows/contracts/priority.js';
import { taskQueues } from '../../workflows/contracts/queues.js';
import { startProcess, stopProcesses } from '../support/processes.js';
import { AnalysisStarter } from '../support/start-analysis.js';
import { until } from '../support/until.js';
import { makeVideo } from '../support/videos.js';

const portrait = fileURLToPath(
  new URL('../fixtures/golden/pictures/portrait-512.png', import.meta.url),
);
const PREFIX = 'priority-';
const VIDEOS = 4;
const SEGMENTS_IN_FLIGHT = 3;
/** One more than the steps of a picture on the queue of the media: a slot that is free between two of them is taken. */
const MOST_BEFORE_IT = 4;

describe('a picture that comes after the segments of long videos, with one slot for all', () => {
  let folder: string;
  let starter: AnalysisStarter;
  let parts: RunningPart[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'priority-'));
    const deployment = {
      temporalAddress: inject('temporalAddress'),
      dataDir: folder,
      taskQueuePrefix: PREFIX,
      env: { MEDIA_SLOTS: '2' },
    };
    parts = await Promise.all([
      startProcess('media', deployment),
      startProcess('inference', deployment),
    ]);
    const blobs = await FolderStore.open(path.join(folder, 'blobs'));
    starter = await AnalysisStarter.connect(inject('temporalAddress'), PREFIX, blobs);
  });
  afterAll(async () => {
    await starter.close();
    await stopProcesses(parts);
    await rm(folder, { recursive: true });
  });

  it.each([
    // Where workers of an earlier release are about, all are on one queue: the order is that of the priorities alone.
    ['on one queue with them', false],
    ['beside their queue', true],
  ])('is answered before them, %s', async (_, hasBatch) => {
    const video = await makeVideo(folder, { seconds: 600, width: 320, height: 240 });
    const { media, inference } = taskQueues(PREFIX);
    const limits = { segmentsInFlight: SEGMENTS_IN_FLIGHT };
    const changes = { queues: { media, inference, hasBatch }, limits };
    const priority = { priorityKey: PRIORITY.interactive };
    const videos = await Promise.all(
      Array.from({ length: VIDEOS }, () => starter.startFile(video, changes, priority)),
    );
    const waiting = async () => {
      const described = await Promise.all(videos.map((run) => run.describe()));
      return described
        .flatMap(({ raw }) => raw.pendingActivities ?? [])
        .filter(
          ({ activityType, lastStartedTime }) =>
            activityType?.name === 'extractFaces' && lastStartedTime == null,
        ).length;
    };
    const enough = VIDEOS * SEGMENTS_IN_FLIGHT - 4;
    await until('segments that wait', async () => (await waiting()) >= enough);

    const sentAt = Date.now();
    const picture = await starter.startFile(portrait, { ...changes, limits: {} }, priority);
    await picture.result();
    const answeredAt = Date.now();
    const stillWaiting = await waiting();
    const started = (await Promise.all(videos.map(startsOfExtractions))).flat();
    const between = started.filter((at) => at > sentAt && at < answeredAt);
    // In the order of their coming, each of its steps would have waited for all that did.
    expect(between.length).toBeLessThanOrEqual(MOST_BEFORE_IT);
    expect(stillWaiting).toBeGreaterThanOrEqual(enough);
    await Promise.all(videos.map((run) => run.cancel()));
    await Promise.allSettled(videos.map((run) => run.result()));
  });
});

/** When segments were begun, in ms since the epoch. */
async function startsOfExtractions(
  run: Awaited<ReturnType<AnalysisStarter['startFile']>>,
): Promise<readonly number[]> {
  const { events = [] } = await run.fetchHistory();
  const extractions = new Set(
    (events ?? [])
      .filter(
        (event) =>
          event.activityTaskScheduledEventAttributes?.activityType?.name === 'extractFaces',
      )
      .map(({ eventId }) => String(eventId)),
  );
  return (events ?? [])
    .filter(({ activityTaskStartedEventAttributes: started }) =>
      extractions.has(String(started?.scheduledEventId)),
    )
    .map(({ eventTime }) => Number(eventTime?.seconds) * 1000 + (eventTime?.nanos ?? 0) / 1e6);
}
