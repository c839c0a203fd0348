import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { ProblemBody } from '../../apps/api/problems/problem-body.js';
import type { RunningPart } from '../../apps/standalone/supervisor/part.js';
import { FolderStore } from '../../libs/blobs/folder-store.js';
import type { AnalysisResult } from '../../workflows/contracts/result.js';
import type { Verification } from '../../workflows/contracts/verification.js';
import { TestApi } from '../support/api.js';
import { startProcess, stopProcesses, TINY_MODEL } from '../support/processes.js';
import { until } from '../support/until.js';
import { makeVideo } from '../support/videos.js';

const PREFIX = 'verify-';
const root = path.join(import.meta.dirname, '../..');
const run = promisify(execFile);

describe('a stored result', () => {
  let folder: string;
  let api: TestApi;
  let parts: RunningPart[];
  let result: AnalysisResult;
  let blobs: FolderStore;
  const verify = <T = Verification>(id: string, body?: unknown) =>
    api.ask<T>(`/api/v1/inference/${id}/verify`, {
      method: 'POST',
      ...(body === undefined
        ? {}
        : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
  const stored = (name: string) => `runs/${result.id}/${name}`;
  const read = async (key: string) => Buffer.from((await blobs.get(key))!).toString();
  const write = (key: string, text: string) => blobs.put(key, Buffer.from(text));

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'verify-'));
    blobs = await FolderStore.open(path.join(folder, 'blobs'));
    const deployment = {
      temporalAddress: inject('temporalAddress'),
      dataDir: folder,
      taskQueuePrefix: PREFIX,
    };
    parts = await Promise.all([
      startProcess('media', deployment),
      startProcess('inference', deployment),
    ]);
    api = await TestApi.start({
      TEMPORAL_ADDRESS: inject('temporalAddress'),
      TASK_QUEUE_PREFIX: PREFIX,
      DATA_DIR: folder,
      MODEL_PATH: TINY_MODEL,
    });
    await until('a healthy service', async () => (await api.ask('/health')).status === 200);
    const video = await makeVideo(folder, { seconds: 65, width: 160, height: 120 });
    const headers = { prefer: 'wait=60' };
    result = (await api.uploadFile<AnalysisResult>(video, { headers })).body;
  });
  afterAll(async () => {
    await api.stop();
    await stopProcesses(parts);
    await rm(folder, { recursive: true });
  });

  it('comes out of the stored scores again to the last byte', async () => {
    const { status, body } = await verify(result.id);
    expect([status, body.verdict_logic, body.differences]).toEqual([200, 'identical', []]);
    expect(body.recomputed_sha256).toBe(body.stored_sha256);
    expect(body.inference).toBeUndefined();
  });

  it('comes out of the stored crops again within the tolerance', async () => {
    const { body } = await verify(result.id, { inference: true });
    expect(body).toMatchObject({
      verdict_logic: 'identical',
      inference: 'within_tolerance',
      tolerance: 1e-5,
      tolerance_basis: { dtype: 'fp32', source: 'rounding', measured_difference: null },
      crops: 65,
    });
    expect(body.max_difference).toBeLessThanOrEqual(1e-6);
  });

  it('that was changed is told, with what differs; so are scores', async () => {
    const intact = await read(stored('result.json'));
    await write(stored('result.json'), JSON.stringify({ ...result, risk_score: 1 }));
    const changed = await verify(result.id);
    expect(changed.body).toMatchObject({
      verdict_logic: 'different',
      differences: ['risk_score'],
    });
    await write(stored('result.json'), intact);

    const name = `segments/0000/scores-${result.model.fingerprint}.json`;
    const scores = await read(stored(name));
    const { fakeProbabilities, ...rest } = JSON.parse(scores) as { fakeProbabilities: number[] };
    const [first = 0, ...others] = fakeProbabilities;
    const shifted = [first > 0.5 ? first - 0.25 : first + 0.25, ...others];
    await write(stored(name), JSON.stringify({ ...rest, fakeProbabilities: shifted }));
    const { body } = await verify(result.id, { inference: true });
    expect(body).toMatchObject({ verdict_logic: 'different', inference: 'outside_tolerance' });
    expect(body.max_difference).toBeCloseTo(0.25, 5);
    await write(stored(name), scores);
  });

  it('is verified from the command line', async () => {
    const args = ['scripts/verify.mjs', result.id, '--url', api.url('')];
    const { stdout } = await run(process.execPath, args, { cwd: root });
    expect(JSON.parse(stdout)).toMatchObject({ id: result.id, verdict_logic: 'identical' });
    await blobs.delete([stored('aggregation.json')]);
    const failed = run(process.execPath, args, { cwd: root });
    await expect(failed).rejects.toMatchObject({ code: 1 });
    await expect(failed).rejects.toThrow();
  });

  it('is refused where there is none, or not all that it was made from', async () => {
    const incomplete = await verify<ProblemBody>(result.id);
    expect([incomplete.status, incomplete.body.code]).toEqual([409, 'evidence_damaged']);
    const unknown = await verify<ProblemBody>(`${'0'.repeat(16)}-${'0'.repeat(16)}`);
    expect([unknown.status, unknown.body.code]).toEqual([404, 'analysis_not_found']);
    const wrong = await verify<ProblemBody>(result.id, { inference: 'yes' });
    expect([wrong.status, wrong.body.code]).toEqual([400, 'invalid_request']);
  });
});
