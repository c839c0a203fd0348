import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../apps/standalone/ports.js';
import type { RunningPart } from '../../apps/standalone/supervisor/part.js';
import { workflowIdOf } from '../../workflows/contracts/progress.js';
import { startProcess, stopProcesses } from '../support/processes.js';
import { startTemporalServer, type TestServer } from '../support/temporal-server.js';
import { until } from '../support/until.js';

const demo = fileURLToPath(new URL('../../demo/', import.meta.url));
const PREFIX = 'storage-';
const canMount = process.platform === 'linux' && process.getuid?.() === 0;
if (!canMount)
  console.warn(
    'SKIPPED: a full disk is tested on a file system of its own, which only root mounts',
  );

interface Answer {
  readonly status: number;
  readonly body: {
    readonly id: string;
    readonly code?: string;
    readonly status?: string;
    readonly result?: { readonly timeline: readonly unknown[] };
  };
}

describe.runIf(canMount)('a store that is full or away', () => {
  let folder: string;
  let disk: string;
  let server: TestServer;
  let client: Client;
  let url: string;
  const parts: RunningPart[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'storage-'));
    disk = path.join(folder, 'disk');
    await mkdir(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', disk]);
    server = await startTemporalServer();
    client = new Client({ connection: await Connection.connect({ address: server.address }) });
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    const deployment = {
      temporalAddress: server.address,
      dataDir: disk,
      taskQueuePrefix: PREFIX,
      env: { PORT: String(port), LOG_LEVEL: 'fatal' },
    };
    for (const role of ['media', 'inference', 'api'] as const)
      parts.push(await startProcess(role, deployment));
    await until('the service to be healthy', async () => (await ask('/health')).status === 200);
  });
  afterAll(async () => {
    await stopProcesses(parts);
    await client.connection.close();
    await server.stop();
    execFileSync('umount', [disk]);
    await rm(folder, { recursive: true });
  });

  const ask = async (route: string, init?: RequestInit): Promise<Answer> => {
    const response = await fetch(`${url}${route}`, init);
    return { status: response.status, body: (await response.json()) as Answer['body'] };
  };
  const upload = async (file: string, headers: Record<string, string> = {}) => {
    const form = new FormData();
    form.set('media', new Blob([await readFile(path.join(demo, file))]), file);
    return ask('/api/v1/inference', { method: 'POST', body: form, headers });
  };
  const filler = () => path.join(disk, 'filler');
  const leaveFree = async (bytes: number) => {
    await rm(filler(), { force: true });
    const { bavail, bsize } = await statfs(disk);
    await writeFile(filler(), Buffer.alloc(bavail * bsize - bytes));
  };
  const unfinished = () => readdir(path.join(disk, 'blobs/.incoming'));

  it('refuses an upload for which there is no room, and leaves nothing of it behind', async () => {
    await leaveFree(32 * 1024);
    const { status, body } = await upload('portrait.jpg');
    expect({ status, code: body.code }).toEqual({ status: 503, code: 'storage_unavailable' });
    expect(await unfinished()).toEqual([]);
    await rm(filler());
    expect((await upload('portrait.jpg')).status).toBe(200);
  });

  it('keeps an analysis whose crops find no room, says why it waits, and ends it when there is room', async () => {
    // Enough for the video, and for none of its crops.
    await leaveFree(3 * 1024 * 1024);
    const { status, body } = await upload('interview.mp4', { prefer: 'respond-async' });
    expect(status).toBe(202);
    const handle = client.workflow.getHandle(workflowIdOf(body.id, PREFIX));
    const failure = await until('a first attempt to fail', async () => {
      const { raw } = await handle.describe();
      return raw.pendingActivities?.[0]?.lastFailure ?? null;
    });
    expect(failure.applicationFailureInfo).toMatchObject({
      type: 'storage_unavailable',
      nonRetryable: false,
    });
    expect(failure.message).toBe('The blob store could not write: ENOSPC');
    expect(await unfinished()).toEqual([]);
    await rm(filler());
    const found = await until('the analysis to succeed', async () => {
      const answer = await ask(`/api/v1/inference/${body.id}`);
      return answer.body.status === 'succeeded' ? answer : null;
    });
    expect(found.body.result?.timeline).toHaveLength(30);
    expect(await unfinished()).toEqual([]);
  });

  it('says that the store is away, and does not take its blobs for lost', async () => {
    const { body } = await upload('portrait.jpg');
    const blobs = path.join(disk, 'blobs');
    await rename(blobs, `${blobs}-away`);
    const away = { status: 503, code: 'storage_unavailable' };
    const again = await upload('portrait.jpg');
    expect({ status: again.status, code: again.body.code }).toEqual(away);
    const asked = await ask(`/api/v1/inference/${body.id}`);
    expect({ status: asked.status, code: asked.body.code }).toEqual(away);
    await rename(`${blobs}-away`, blobs);
    expect((await ask(`/api/v1/inference/${body.id}`)).body.status).toBe('succeeded');
  });
});
