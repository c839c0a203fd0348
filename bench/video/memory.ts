import { createReadStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { MEDIA_ENVIRONMENT } from '../../apps/standalone/media-environment.js';
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

/**
 * Largest memory, in MB, of a fresh media worker and its decoders together while it analyses a video: resident, what they share
 * counted once.
 */
export async function peakOf(
  file: string,
  name: string,
  {
    temporalAddress,
    dataDir,
    atOnce = 1,
    segmentsInFlight = 2,
  }: {
    readonly temporalAddress: string;
    readonly dataDir: string;
    /** Analyses of it at once, none of which finds what another one has made. */
    readonly atOnce?: number;
    /** Segments under way at once, of which each has a slot and a decoder. */
    readonly segmentsInFlight?: number;
  },
): Promise<{ readonly peakMb: number; readonly seconds: number }> {
  const prefix = `bench-${name}-`;
  const env = {
    ...process.env,
    ...{ TEMPORAL_ADDRESS: temporalAddress, DATA_DIR: dataDir, TASK_QUEUE_PREFIX: prefix },
    ...{ MODEL_PATH: path.join(root, 'models/demo'), LOG_LEVEL: 'warn', ...MEDIA_ENVIRONMENT },
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
        peak = Math.max(peak, await memoryOfFamily(pid));
        await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
      }
    })();
    const blobs = await FolderStore.open(path.join(dataDir, 'blobs'));
    const { sha256, bytes } = await blobs.putByHash(createReadStream(file), mediaKey);
    const began = performance.now();
    const { analyses, media, inference } = taskQueues(prefix);
    const request: Omit<AnalysisRequest, 'analysisId' | 'cropsId'> = {
      tenant: 'bench',
      input: { kind: 'file', key: mediaKey(sha256), sha256, bytes },
      ...{ mediaType: null, declaredHash: null, modelVersion: 'v2', pipeline: PIPELINE_REVISION },
      modelFingerprint: await fingerprintOn(connection, inference),
      limits: { maxFrames: 20_000, segmentsInFlight, segmentsPerRun: SEGMENTS_PER_RUN },
      queues: { media, inference },
    };
    const { workflow } = new Client({ connection });
    const ids = Array.from({ length: atOnce }, (_, i) => `bench-${name}-${i}`);
    const running = ids.map((id) =>
      workflow.execute(ANALYZE_MEDIA, {
        ...{ taskQueue: analyses, workflowId: id },
        args: [{ ...request, analysisId: id, cropsId: id }],
      }),
    );
    await Promise.all(running);
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

/**
 * Memory of a process and of all that it started, in MB (`/proc` of Linux). Of pages that several processes have, such as
 * ffmpeg's libraries, each is charged its share; their resident sizes would count them again and again, and for a moment all of
 * the worker with each decoder that it starts.
 */
async function memoryOfFamily(pid: number): Promise<number> {
  const processes = new Map<number, number>();
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    processes.set(Number(name), (await numberIn(`/proc/${name}/status`, 'PPid')) ?? 0);
  }
  const childrenOf = (id: number): readonly number[] =>
    [...processes].flatMap(([child, parent]) =>
      parent === id ? [child, ...childrenOf(child)] : [],
    );
  let kilobytes = 0;
  for (const id of [pid, ...childrenOf(pid)])
    kilobytes += (await numberIn(`/proc/${id}/smaps_rollup`, 'Pss')) ?? 0;
  return kilobytes / 1024;
}

/** A number that a file of `/proc` names; null when the process has ended since it was listed. */
async function numberIn(file: string, name: string): Promise<number | null> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const value = new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1];
  return value === undefined ? null : Number(value);
}
