import { mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { AnalysisResource } from '../../apps/api/analyses/analysis-resource.js';
import type { ProblemBody } from '../../apps/api/problems/problem-body.js';
import type { RunningPart } from '../../apps/standalone/supervisor/part.js';
import { TestApi } from '../support/api.js';
import { startProcess, stopProcesses } from '../support/processes.js';
import { until } from '../support/until.js';
import { makeVideo } from '../support/videos.js';

const portrait = fileURLToPath(
  new URL('../fixtures/golden/pictures/portrait-512.png', import.meta.url),
);
const PREFIX = 'admission-';
const later = { headers: { prefer: 'respond-async' } };

describe('admission', () => {
  let folder: string;
  let parts: RunningPart[];
  let media: RunningPart | null = null;
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
      MEDIA_ROOTS: path.dirname(portrait),
      ...environment,
    });
  /** A picture that nobody has sent before. */
  const fresh = async (name: string) =>
    new Uint8Array(Buffer.concat([await readFile(portrait), Buffer.from(name)]));

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'admission-'));
    parts = [await startProcess('inference', deployment())];
  });
  afterAll(async () => {
    await stopProcesses([...parts, ...(media ? [media] : [])]);
    await rm(folder, { recursive: true });
  });

  it('bounds the uploads at a time, and refuses the next one before its bytes come', async () => {
    const api = await startApi({ MAX_CONCURRENT_UPLOADS: '1' });
    await until('a model', async () => (await api.ask('/health/ready')).status === 200);
    const head = 'POST /api/v1/inference HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000000\r\n';
    const form = 'Content-Type: multipart/form-data; boundary=b\r\n\r\n--b\r\n';
    // Who leaves at once, before anything is decided, keeps no place.
    for (let client = 0; client < 20; client += 1) {
      const hasty = connect(api.port, '127.0.0.1');
      await new Promise((resolve) => hasty.write(head + form, resolve));
      hasty.destroy();
    }
    await until('room after those who left', async () => {
      const answer = await api.upload(await fresh('left'), later);
      return answer.status === 202;
    });
    const first = connect(api.port, '127.0.0.1');
    first.write(head + form);
    // Nothing of the second one's body is sent.
    const refused = await until('a refusal', async () => {
      const second = connect(api.port, '127.0.0.1');
      second.write(head + form);
      const answer = await Promise.race([
        new Promise<string>((resolve) => second.once('data', (data) => resolve(data.toString()))),
        new Promise<null>((resolve) => setTimeout(resolve, 500, null)),
      ]);
      second.destroy();
      return answer;
    });
    expect(refused).toMatch(/^HTTP\/1\.1 503 [^]*retry-after: 5[^]*too_many_uploads/i);
    first.destroy();
    await until('room again', async () => {
      const answer = await api.upload(await fresh('room'), later);
      return answer.status === 202;
    });
    await api.stop();
  });

  it('takes no more than may be under way, but lets those join that ask again', async () => {
    const api = await startApi({ MAX_BACKLOG: '3', SYNC_WAIT_SECONDS: '1' });
    const accepted: string[] = [];
    const refused = await until('a full backlog', async () => {
      const answer = await api.upload<{ id: string; code?: string }>(
        await fresh(String(accepted.length)),
        later,
      );
      if (answer.status !== 202) return answer;
      accepted.push(answer.body.id);
      return null;
    });
    // One run is left from the test before.
    expect(accepted.length).toBeLessThanOrEqual(3);
    expect([refused.status, refused.body.code]).toEqual([503, 'backlog_full']);
    expect(refused.headers.get('retry-after')).toBe('30');
    // Refused by its headers alone, however much it announces.
    const socket = connect(api.port, '127.0.0.1');
    socket.write(
      'POST /api/v1/inference HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000000\r\n' +
        'Content-Type: multipart/form-data; boundary=b\r\n\r\n--b\r\n',
    );
    const said = await new Promise<string>((resolve) =>
      socket.once('data', (data) => resolve(data.toString())),
    );
    expect(said).toMatch(/^HTTP\/1\.1 503 [^]*backlog_full/);
    socket.destroy();

    const frames = { mediaType: 'IMAGE', extractedFrames: portrait };
    const full = await api.postJson<ProblemBody>(frames);
    expect(full.body.code).toBe('backlog_full');
    const roomy = await startApi({ SYNC_WAIT_SECONDS: '1' });
    expect((await roomy.postJson<ProblemBody>(frames)).body.code).toBe('still_running');
    expect((await api.postJson<ProblemBody>(frames)).body.code).toBe('still_running');
    await roomy.stop();

    // Those that were taken are done when someone does the work, and then there is room.
    media = await startProcess('media', deployment());
    await until('the ends', async () => {
      const states = await Promise.all(accepted.map((id) => api.analysis(id)));
      return states.every(({ body }) => body.status === 'succeeded');
    });
    const answer = await until('room again', async () => {
      const again = await api.upload(await fresh('again'), { headers: { prefer: 'wait=30' } });
      return again.status === 200 ? again : null;
    });
    expect(answer.body.verdict).toBeDefined();
    await api.stop();
  });

  it('does not wait for more requests than it may', async () => {
    const api = await startApi({ MAX_WAITERS: '0' });
    const answer = await api.upload(await fresh('no wait'), { headers: { prefer: 'wait=30' } });
    expect(answer.status).toBe(202);
    await api.stop();
  });

  it('says that the storage is away, and takes uploads again when it is back', async () => {
    const api = await startApi();
    const incoming = path.join(folder, 'blobs/.incoming');
    await rename(incoming, `${incoming}-away`);
    const refused = await api.upload<ProblemBody>(await fresh('stored'));
    await rename(`${incoming}-away`, incoming);
    expect([refused.status, refused.body.code]).toEqual([503, 'storage_unavailable']);
    expect(JSON.stringify(refused.body)).not.toContain(folder);
    expect((await api.upload(await fresh('stored'))).status).toBe(200);
    await api.stop();
  });

  it('ends a picture that comes last before the segments of long videos that wait', async () => {
    const api = await startApi();
    const file = await makeVideo(folder, { seconds: 300, width: 320, height: 240 });
    const bytes = await readFile(file);
    const long = await Promise.all(
      [...'abcdefghij'].map(async (name) => {
        // A box that players skip, so that each is another file.
        const box = Buffer.concat([
          Buffer.from([0, 0, 0, 9]),
          Buffer.from('free'),
          Buffer.from(name),
        ]);
        const answer = await api.upload<AnalysisResource>(
          new Uint8Array(Buffer.concat([bytes, box])),
          later,
        );
        return answer.body.id;
      }),
    );
    const segmentsDone = async () => {
      const states = await Promise.all(long.map((id) => api.analysis(id)));
      return states
        .map(({ body }) => body.progress?.segments_extracted ?? 0)
        .reduce((sum, count) => sum + count, 0);
    };
    const before = await until('the work on them', async () => (await segmentsDone()) || null);
    const picture = await api.upload(await fresh('urgent'), { headers: { prefer: 'wait=60' } });
    const after = await segmentsDone();
    expect(picture.status).toBe(200);
    // Twenty segments wait at any time; in their turn, each of the picture's three steps would come after all of them.
    expect(after - before).toBeLessThan(20);
    await api.stop();
  });
});
