import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../apps/standalone/ports.js';
import type { RunningPart } from '../../apps/standalone/supervisor/part.js';
import type { AnalysisResult } from '../../workflows/contracts/result.js';
import { DEMO_MODEL, startProcess, stopProcesses } from '../support/processes.js';
import { startTemporalServer, type TestServer } from '../support/temporal-server.js';
import { until } from '../support/until.js';
import { makeVideo } from '../support/videos.js';

const demo = fileURLToPath(new URL('../../demo/', import.meta.url));
const canMount = process.platform === 'linux' && process.getuid?.() === 0;
if (!canMount)
  console.warn(
    'SKIPPED: a full disk is tested on a file system of its own, which only root mounts',
  );

/** Longer than a heartbeat may stay away: what was under way is handed out again. */
const FULL_MS = 10_000;

interface Answer {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly body: {
    readonly id: string;
    readonly code?: string;
    readonly status?: string;
    readonly result?: AnalysisResult;
    readonly progress?: { readonly segments_scored: number } | null;
  };
}

describe.runIf(canMount)('the disk of Temporal’s database is full', () => {
  let folder: string;
  let disk: string;
  let server: TestServer;
  let url: string;
  let video: string;
  let undisturbed: object;
  const parts: RunningPart[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'full-database-'));
    disk = path.join(folder, 'disk');
    await mkdir(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', disk]);
    server = await startTemporalServer(path.join(disk, 'temporal.db'));
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    const deployment = {
      temporalAddress: server.address,
      dataDir: path.join(folder, 'data'),
      taskQueuePrefix: '',
      modelPath: DEMO_MODEL,
      env: { PORT: String(port), LOG_LEVEL: 'fatal' },
    };
    for (const role of ['media', 'inference', 'api'] as const)
      parts.push(await startProcess(role, deployment));
    await until('the service to be healthy', async () => (await ask('/health'))?.status === 200);
    video = await makeVideo(folder, { seconds: 230, width: 320, height: 180 });
    const { body } = await sent(await readFile(video), { prefer: 'respond-async' });
    undisturbed = told(await ended(body.id));
  });
  afterAll(async () => {
    await stopProcesses(parts);
    await server.stop();
    execFileSync('umount', [disk]);
    await rm(folder, { recursive: true });
  });

  /** Null where there is no answer. */
  const ask = async (route: string, init?: RequestInit): Promise<Answer | null> => {
    const response = await fetch(`${url}${route}`, init).catch(() => null);
    if (response === null) return null;
    const body = (await response.json()) as Answer['body'];
    return { status: response.status, retryAfter: response.headers.get('retry-after'), body };
  };
  const upload = (bytes: Buffer<ArrayBuffer>, headers: Record<string, string> = {}) => {
    const form = new FormData();
    form.set('media', new Blob([bytes]), 'media');
    return ask('/api/v1/inference', { method: 'POST', body: form, headers });
  };
  const sent = async (bytes: Buffer<ArrayBuffer>, headers: Record<string, string> = {}) =>
    until('an answer', async () => {
      const answer = await upload(bytes, headers);
      return answer !== null && answer.status < 300 && answer;
    });
  const ended = (id: string) =>
    until(
      `the end of ${id}`,
      async () => {
        const answer = await ask(`/api/v1/inference/${id}`);
        if (answer?.body.status === 'failed') throw new Error(JSON.stringify(answer.body));
        return answer?.body.result ?? null;
      },
      120_000,
    );
  const told = ({ timeline, coverage, verdict, risk_score }: AnalysisResult) => ({
    ...{ timeline, coverage, verdict, risk_score },
  });
  const filler = () => path.join(disk, 'filler');
  const fill = async () => {
    const { bavail, bsize } = await statfs(disk);
    await writeFile(filler(), Buffer.alloc(bavail * bsize));
  };

  it('an analysis under way waits, and goes on to the same result once there is room; what is refused is told so', async () => {
    const free = Buffer.from('\0\0\0\x0cfree0001', 'latin1');
    const bytes = Buffer.concat([await readFile(video), free]);
    const { body } = await sent(bytes, { prefer: 'respond-async' });
    await until('a segment to be finished', async () => {
      const answer = await ask(`/api/v1/inference/${body.id}`);
      return (answer?.body.progress?.segments_scored ?? 0) > 0;
    });
    await fill();
    // Some room is left in the database itself: it is used up first.
    const portrait = await readFile(path.join(demo, 'portrait.jpg'));
    const accepted: string[] = [];
    const refused = await until('a refusal', async () => {
      const variant = Buffer.concat([portrait, Buffer.from(String(accepted.length))]);
      const answer = await upload(variant, { prefer: 'respond-async' });
      if (answer === null || answer.status >= 300) return { answer };
      accepted.push(answer.body.id);
      return false;
    });
    expect(refused.answer).toMatchObject({
      status: 503,
      retryAfter: '5',
      body: { code: 'temporal_unavailable' },
    });
    await sleep(FULL_MS);
    const freedAt = Date.now();
    await rm(filler());
    const result = await ended(body.id);
    expect(told(result)).toEqual(undisturbed);
    expect(Date.parse(result.created_at)).toBeGreaterThan(freedAt);
    for (const id of accepted) await ended(id);
    const again = await sent(portrait);
    expect(again.status).toBe(200);
  });
});
