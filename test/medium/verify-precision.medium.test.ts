import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { RunningPart } from '../../apps/standalone/supervisor/part.js';
import { FolderStore } from '../../libs/blobs/folder-store.js';
import { scoresKey } from '../../workflows/contracts/blob-keys.js';
import type { AnalysisResult } from '../../workflows/contracts/result.js';
import type { Verification } from '../../workflows/contracts/verification.js';
import { TestApi } from '../support/api.js';
import { DEMO_MODEL, startProcess, stopProcesses } from '../support/processes.js';
import { until } from '../support/until.js';

const PREFIX = 'verify-precision-';
const root = path.join(import.meta.dirname, '../..');
const portrait = path.join(root, 'demo/portrait-edited.jpg');
const run = promisify(execFile);

describe('scores that the demo model made in int8', () => {
  let folder: string;
  let api: TestApi;
  let part: RunningPart;
  let result: AnalysisResult;
  let blobs: FolderStore;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'verify-precision-'));
    blobs = await FolderStore.open(path.join(folder, 'blobs'));
    const env = { MODEL_DTYPE: 'int8' };
    const temporalAddress = inject('temporalAddress');
    const deployment = { temporalAddress, dataDir: folder, taskQueuePrefix: PREFIX, env };
    part = await startProcess('all', { ...deployment, modelPath: DEMO_MODEL });
    api = await TestApi.start({
      TEMPORAL_ADDRESS: temporalAddress,
      TASK_QUEUE_PREFIX: PREFIX,
      DATA_DIR: folder,
      MODEL_PATH: DEMO_MODEL,
      ...env,
    });
    await until('a healthy service', async () => (await api.ask('/health')).status === 200);
    result = (await api.uploadFile<AnalysisResult>(portrait)).body;
  });
  afterAll(async () => {
    await api.stop();
    await stopProcesses([part]);
    await rm(folder, { recursive: true });
  });

  /** As `npm run verify -- ID --inference`: what it prints, and whether it ends with 0. */
  const verify = async (): Promise<Verification & { readonly passes: boolean }> => {
    const args = ['scripts/verify.mjs', result.id, '--inference', '--url', api.url('')];
    const done = await run(process.execPath, args, { cwd: root }).then(
      ({ stdout }) => ({ stdout, passes: true }),
      (error: { readonly stdout: string }) => ({ stdout: error.stdout, passes: false }),
    );
    return { ...(JSON.parse(done.stdout) as Verification), passes: done.passes };
  };
  const withScoreOffBy = async (difference: number): Promise<void> => {
    const [{ p } = { p: NaN }] = result.timeline;
    const shifted = p > 0.5 ? p - difference : p + difference;
    const { fingerprint } = result.model;
    const scores = { fingerprint, fakeProbabilities: [shifted] };
    await blobs.put(scoresKey(result.id, 0, fingerprint), Buffer.from(JSON.stringify(scores)));
  };

  it('are held to the bound of int8, and it is told what the model was measured to be off', async () => {
    expect(result.model).toMatchObject({ dtype: 'int8', accuracy: { bound: 0.01 } });
    const found = await verify();
    expect(found).toMatchObject({
      passes: true,
      verdict_logic: 'identical',
      inference: 'within_tolerance',
      tolerance: 0.01,
      tolerance_basis: {
        dtype: 'int8',
        source: 'accuracy_bound',
        measured_difference: result.model.accuracy?.max_difference,
      },
      crops: 1,
    });
    expect(found.max_difference).toBe(0);
  });

  it.each([
    [0.005, 'within_tolerance'],
    [0.02, 'outside_tolerance'],
  ] as const)('off by %d are %s', async (difference, inference) => {
    await withScoreOffBy(difference);
    const found = await verify();
    expect(found).toMatchObject({ inference, verdict_logic: 'different', passes: false });
    expect(found.max_difference).toBeCloseTo(difference, 6);
  });
});
