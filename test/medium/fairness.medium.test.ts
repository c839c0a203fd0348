import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { AnalysisResource } from '../../apps/api/analyses/analysis-resource.js';
import type { ListedAnalysis } from '../../apps/api/analyses/listed-analysis.js';
import type { RunningPart } from '../../apps/standalone/supervisor/part.js';
import { TestApi } from '../support/api.js';
import { startProcess, stopProcesses } from '../support/processes.js';
import { until } from '../support/until.js';

const portrait = fileURLToPath(
  new URL('../fixtures/golden/pictures/portrait-512.png', import.meta.url),
);
const PREFIX = 'fairness-';
const KEYS = { greedy: 'greedy-secret-0123456789', modest: 'modest-secret-0123456789' };
type Tenant = keyof typeof KEYS;

describe('two tenants', () => {
  let folder: string;
  let api: TestApi;
  const parts: RunningPart[] = [];
  const deployment = () => ({
    temporalAddress: inject('temporalAddress'),
    dataDir: folder,
    taskQueuePrefix: PREFIX,
  });
  const send = async (tenant: Tenant, name: string) => {
    const bytes = Buffer.concat([await readFile(portrait), Buffer.from(`${tenant} ${name}`)]);
    return api.upload<AnalysisResource & { code?: string }>(new Uint8Array(bytes), {
      headers: { prefer: 'respond-async', 'x-api-key': KEYS[tenant] },
    });
  };
  const sendMany = (tenant: Tenant, count: number) =>
    Promise.all(Array.from({ length: count }, (_, i) => send(tenant, String(i))));
  const ends = async (tenant: Tenant, count: number) => {
    const headers = { 'x-api-key': KEYS[tenant] };
    const items = await until(`the ends of ${tenant}'s`, async () => {
      const path = '/api/v1/inference?status=succeeded&limit=100';
      const { body } = await api.ask<{ items: readonly ListedAnalysis[] }>(path, { headers });
      return body.items.length === count && body.items;
    });
    return items.map(({ ended_at }) => Date.parse(ended_at ?? ''));
  };

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'fairness-'));
    parts.push(await startProcess('inference', deployment()));
    api = await TestApi.start({
      TEMPORAL_ADDRESS: inject('temporalAddress'),
      TASK_QUEUE_PREFIX: PREFIX,
      DATA_DIR: folder,
      HOST: '127.0.0.1',
      API_KEYS: Object.entries(KEYS)
        .map((entry) => entry.join(':'))
        .join(','),
      MAX_BACKLOG: '40',
    });
    await until('a model', async () => (await api.ask('/health/ready')).status === 200);
  });
  afterAll(async () => {
    await api.stop();
    await stopProcesses(parts);
    await rm(folder, { recursive: true });
  });

  it('take turns: the few of one do not wait for the many of the other, which came first', async () => {
    const many = await sendMany('greedy', 24);
    // The server's queues are to have them in this order.
    await new Promise((resolve) => setTimeout(resolve, 500));
    const few = await sendMany('modest', 4);
    expect([...many, ...few].map(({ status }) => status)).toEqual(
      Array.from({ length: 28 }, () => 202),
    );
    parts.push(await startProcess('media', deployment()));
    const lastOfFew = Math.max(...(await ends('modest', 4)));
    const later = (await ends('greedy', 24)).filter((end) => end > lastOfFew);
    // In the order of their coming, none would end later.
    expect(later.length).toBeGreaterThan(12);
  });

  it('are both sure of room, however much the other one has under way', async () => {
    const media = parts.pop();
    if (media !== undefined) await stopProcesses([media]);
    const refused = await until('a full backlog', async () => {
      const answer = await send('greedy', crypto.randomUUID());
      return answer.status === 202 ? null : answer;
    });
    expect([refused.status, refused.body.code]).toEqual([503, 'backlog_full']);
    expect((await send('modest', 'with room')).status).toBe(202);
  });
});
