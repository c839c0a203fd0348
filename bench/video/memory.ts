import { createReadStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { startPart, stopPart } from '../../apps/standalone/supervisor/part.js';
import { FolderStore } from '../../libs/blobs/folder-store.js';
import { listLiveWorkers } from '../../libs/platform/fleet.js';
import { mediaKey } from '../../workflows/contracts/blob-keys.js';
import { ANALYZE_MEDIA } from '../../workflows/contracts/progress.js';
import { taskQueues } from '../../workflows/contracts/queues.js';
import { PIPELINE_REVISION, type AnalysisRequest } from '../../workflows/contracts/request.js';
import { SEGMENTS_PER_RUN } from '../../workflows/contracts/run-limits.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const LOOK_EVERY_MS = 200;

/** Largest resident memory, in MB, of a fresh media worker and its decoders together while it analyses a video. */
export async function peakOf(
  file: string,
  name: string,
  {
    temporalAddress,
    dataDir,
    segmentsInFlight = 2,
  }: {
    readonly temporalAddress: string;
    readonly dataDir: string;
    /** Segments under way at once, of which each has a slot and a decoder. */
    readonly segmentsInFlight?: number;
  },
): Promise<{ readonly peakMb: number; readonly seconds: number }> {
  const prefix = `bench-${name}-`;
  const env = {
    ...process.env,
    ...{ TEMPORAL_ADDRESS: temporalAddress, DATA_DIR: dataDir, TASK_QUEUE_PREFIX: prefix },
    ...{ MODEL_PATH: path.join(root, 'models/demo'), LOG_LEVEL: 'warn' },
  };
  const parts = ['media', 'inference'].map((role) =>
    startPart(
      {
        ...{ name: role, command: process.execPath, env },
        args: [path.join(root, 'dist/apps/worker/main.js'), role],
      },
      () => undefined,
    ),
  );
  const connection = await Connection.connect({ address: temporalAddress });
  let peak = 0;
  let isOver = false;
  try {
    await Promise.all(parts.map(({ ready }) => ready));
    const pid = parts[0]?.process.pid ?? NaN;
    const watching = (async () => {
      while (!isOver) {
        peak = Math.max(peak, await residentOfFamily(pid));
        await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
      }
    })();
    const blobs = await FolderStore.open(path.join(dataDir, 'blobs'));
    const { sha256, bytes } = await blobs.putByHash(createReadStream(file), mediaKey);
    const began = performance.now();
    const { analyses, media, inference } = taskQueues(prefix);
    const request: AnalysisRequest = {
      ...{ analysisId: `bench-${name}`, cropsId: `bench-${name}`, tenant: 'bench' },
      input: { kind: 'file', key: mediaKey(sha256), sha256, bytes },
      ...{ mediaType: null, declaredHash: null, modelVersion: 'v2', pipeline: PIPELINE_REVISION },
      modelFingerprint: await fingerprintOn(connection, inference),
      limits: { maxFrames: 20_000, segmentsInFlight, segmentsPerRun: SEGMENTS_PER_RUN },
      queues: { media, inference },
    };
    await new Client({ connection }).workflow.execute(ANALYZE_MEDIA, {
      ...{ taskQueue: analyses, workflowId: `bench-${name}`, args: [request] },
    });
    isOver = true;
    await watching;
    return { peakMb: Math.round(peak), seconds: Math.round((performance.now() - began) / 1000) };
  } finally {
    isOver = true;
    await connection.close();
    await Promise.all(parts.map((part) => stopPart(part, 10_000)));
  }
}

async function fingerprintOn(connection: Connection, queue: string): Promise<string> {
  for (;;) {
    const live = await listLiveWorkers(connection, 'default');
    const fingerprint = live.find(({ taskQueue }) => taskQueue === queue)?.model?.fingerprint;
    if (fingerprint !== undefined) return fingerprint;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

/** Resident memory of a process and of all that it started, in MB (`/proc` of Linux). */
async function residentOfFamily(pid: number): Promise<number> {
  const processes = new Map<number, { readonly parent: number; readonly mb: number }>();
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    // It may have ended since the folder was listed.
    const status = await readFile(`/proc/${name}/status`, 'utf8').catch(() => '');
    const field = (of: string) =>
      Number(new RegExp(`^${of}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
    processes.set(Number(name), { parent: field('PPid'), mb: field('VmRSS') / 1024 });
  }
  const sum = (id: number): number =>
    [...processes].reduce(
      (total, [child, { parent }]) => total + (parent === id ? sum(child) : 0),
      processes.get(id)?.mb ?? 0,
    );
  return sum(pid);
}
