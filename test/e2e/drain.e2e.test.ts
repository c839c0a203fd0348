import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../apps/standalone/ports.js';
import type { RunningPart } from '../../apps/standalone/supervisor/part.js';
import { FolderStore } from '../../libs/blobs/folder-store.js';
import { resultKey } from '../../workflows/contracts/blob-keys.js';
import type { AnalysisResult } from '../../workflows/contracts/result.js';
import { childrenOf } from '../support/child-processes.js';
import { startProcess, stopProcesses } from '../support/processes.js';
import { AnalysisStarter, analysisIdOfHandle } from '../support/start-analysis.js';
import { startTemporalServer, type TestServer } from '../support/temporal-server.js';
import { until } from '../support/until.js';
import { makeVideo } from '../support/videos.js';

const GRACE_SECONDS = 4;
/** Half of it is enough for a segment on any machine. */
const AMPLE_SECONDS = 60;
/** Of a busy machine. */
const MARGIN_MS = 1_500;
const VIDEO = { seconds: 180, width: 320, height: 180 };
const SEGMENTS = 3;
const portrait = fileURLToPath(
  new URL('../fixtures/golden/pictures/portrait-512.png', import.meta.url),
);
type Run = Awaited<ReturnType<AnalysisStarter['start']>>;

describe('a part that is told to end while it works', () => {
  let folder: string;
  let server: TestServer;
  let blobs: FolderStore;
  let starter: AnalysisStarter;
  let video: string;
  let undisturbed: object;
  let port: number;
  const parts = {} as Record<'media' | 'inference' | 'api', RunningPart>;

  const start = (role: 'media' | 'inference' | 'api', graceSeconds = GRACE_SECONDS) =>
    startProcess(role, {
      temporalAddress: server.address,
      dataDir: folder,
      taskQueuePrefix: '',
      env: {
        SHUTDOWN_GRACE_SECONDS: String(graceSeconds),
        LOG_LEVEL: 'fatal',
        PORT: String(port),
      },
    });
  const decoders = () => childrenOf(parts.media.process.pid!, 'ffmpeg');
  /** Tells a part to end. @returns how long it took, in ms */
  const terminate = async (part: RunningPart): Promise<number> => {
    const began = performance.now();
    part.process.kill('SIGTERM');
    expect(await part.ended).toEqual({ code: 0, signal: null });
    return performance.now() - began;
  };
  const resultOf = async (run: Run) => {
    await run.result();
    const stored = await blobs.get(resultKey(analysisIdOfHandle(run)));
    const { timeline, coverage, verdict, risk_score } = JSON.parse(
      Buffer.from(stored!).toString(),
    ) as AnalysisResult;
    return { timeline, coverage, verdict, risk_score };
  };
  const startsOf = async (run: Run, name: string) => {
    const { events } = await run.fetchHistory();
    const scheduled = new Set(
      (events ?? [])
        .filter((event) => event.activityTaskScheduledEventAttributes?.activityType?.name === name)
        .map(({ eventId }) => Number(eventId)),
    );
    return (events ?? []).flatMap(({ activityTaskStartedEventAttributes: started }) =>
      scheduled.has(Number(started?.scheduledEventId)) ? [Number(started?.attempt)] : [],
    );
  };

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'drain-'));
    server = await startTemporalServer(path.join(folder, 'temporal.db'));
    blobs = await FolderStore.open(path.join(folder, 'blobs'));
    port = await freePort();
    for (const role of ['media', 'inference', 'api'] as const) parts[role] = await start(role);
    starter = await AnalysisStarter.connect(server.address, '', blobs);
    video = await makeVideo(folder, VIDEO);
    undisturbed = await resultOf(await starter.startFile(video));
  });
  afterAll(async () => {
    await starter.close();
    await stopProcesses(Object.values(parts));
    await server.stop();
    await rm(folder, { recursive: true });
  });

  it('media worker: finishes the segment that it can finish', async () => {
    await terminate(parts.media);
    parts.media = await start('media', AMPLE_SECONDS);
    const limits = { segmentsInFlight: 1, segmentsPerRun: 150, maxFrames: 1000 };
    const run = await starter.startFile(video, { limits });
    const pids = await until('a decoder', async () => {
      const found = await decoders();
      return found.length > 0 && found;
    });
    expect(await terminate(parts.media)).toBeLessThan(AMPLE_SECONDS * 1000);
    expect(await alive(pids)).toEqual([]);
    parts.media = await start('media');
    expect(await resultOf(run)).toEqual(undisturbed);
    // Nothing that was begun had to be begun again.
    expect(await startsOf(run, 'extractFaces')).toEqual(Array.from({ length: SEGMENTS }, () => 1));
  });

  it('media worker: gives up a segment that takes longer, and another does it anew', async () => {
    const run = await starter.startFile(video);
    const pids = await until('a decoder', async () => {
      const found = await decoders();
      return found.length > 0 && found;
    });
    // From here on it would take for ever.
    for (const pid of pids) process.kill(pid, 'SIGSTOP');
    const took = await terminate(parts.media);
    expect(took).toBeGreaterThan((GRACE_SECONDS * 1000) / 2 - 100);
    expect(took).toBeLessThan(GRACE_SECONDS * 1000 + MARGIN_MS);
    expect(await alive(pids)).toEqual([]);
    parts.media = await start('media');
    expect(await resultOf(run)).toEqual(undisturbed);
    expect(Math.max(...(await startsOf(run, 'extractFaces')))).toBeGreaterThan(1);
  });

  it('inference worker: what it scores is scored by it, or by another', async () => {
    const runs = await Promise.all([1, 2].map(() => starter.startFile(video)));
    await until('scoring', async () => {
      const described = await Promise.all(runs.map((run) => run.describe()));
      return described.some(({ raw }) =>
        raw.pendingActivities?.some(({ activityType }) => activityType?.name === 'scoreFaces'),
      );
    });
    expect(await terminate(parts.inference)).toBeLessThan(GRACE_SECONDS * 1000 + MARGIN_MS);
    parts.inference = await start('inference');
    for (const run of runs) expect(await resultOf(run)).toEqual(undisturbed);
  });

  it('API: ends what it has taken, takes nothing new, and says at once that it is not ready', async () => {
    const base = `http://127.0.0.1:${port}`;
    await until('a healthy service', async () => (await fetch(`${base}/health`)).status === 200);
    // One request waits for its analysis, another is in the middle of its upload.
    const form = new FormData();
    form.set('media', new Blob([await readFile(video)]), 'video.mp4');
    const init = { method: 'POST', body: form, headers: { prefer: 'wait=60' } };
    const waiting = fetch(`${base}/api/v1/inference`, init);
    const found = await until('its decoder', async () => {
      const pids = await decoders();
      return pids.length > 0 && pids;
    });
    for (const pid of found) process.kill(pid, 'SIGSTOP');
    const upload = await halfSent(port, await readFile(portrait));

    const ended = terminate(parts.api);
    const refused = await until('a refusal', () => readiness(base), 500);
    expect(refused).toMatch(/^(refused|503)$/);
    expect((await waiting).status).toBe(202);
    expect(await upload.finish()).toMatch(/^HTTP\/1\.1 (200|202) /);
    expect(await ended).toBeLessThan(GRACE_SECONDS * 1000 + MARGIN_MS);
    for (const pid of found) process.kill(pid, 'SIGCONT');
    parts.api = await start('api');
    const { id } = (await (await waiting).json()) as { id: string };
    await until('its end', async () => {
      const answer = await fetch(`${base}/api/v1/inference/${id}`).catch(() => null);
      const body = (await answer?.json().catch(() => null)) as { status?: string } | null;
      return body?.status === 'succeeded';
    });
  });
});

/** Those of the processes that are there, dead ones that nobody has waited for excepted. */
async function alive(pids: readonly number[]): Promise<readonly number[]> {
  const states = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') Z')),
  );
  return pids.filter((_, i) => !states[i]!.slice(states[i]!.lastIndexOf(')')).startsWith(') Z'));
}

/** Null as long as requests are taken. */
async function readiness(base: string): Promise<string | null> {
  const answer = await fetch(`${base}/health/ready`, { headers: { connection: 'close' } }).then(
    ({ status }) => String(status),
    () => 'refused',
  );
  return answer === '200' ? null : answer;
}

/** An upload of which the server has the first half. */
async function halfSent(port: number, bytes: Buffer) {
  const boundary = 'the-boundary';
  const head = `--${boundary}\r\ncontent-disposition: form-data; name="media"; filename="m"\r\n\r\n`;
  const body = Buffer.concat([Buffer.from(head), bytes, Buffer.from(`\r\n--${boundary}--\r\n`)]);
  const socket = createConnection(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write(
    'POST /api/v1/inference HTTP/1.1\r\nhost: localhost\r\nprefer: respond-async\r\n' +
      `content-type: multipart/form-data; boundary=${boundary}\r\ncontent-length: ${body.length}\r\n\r\n`,
  );
  const half = Math.floor(body.length / 2);
  socket.write(body.subarray(0, half));
  await new Promise((resolve) => setTimeout(resolve, 300));
  return {
    finish: async (): Promise<string> => {
      socket.write(body.subarray(half));
      const [answer] = (await once(socket, 'data')) as [Buffer];
      socket.destroy();
      return answer.toString();
    },
  };
}
