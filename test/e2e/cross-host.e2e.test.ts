import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPart, stopPart, type RunningPart } from '../../apps/standalone/supervisor/part.js';
import { programCacheDir } from '../../apps/standalone/temporal/cache-dir.js';
import { findTemporal } from '../../apps/standalone/temporal/find-temporal.js';
import { serverArguments } from '../../apps/standalone/temporal/server-arguments.js';
import { waitForTemporal } from '../../apps/standalone/temporal/wait-for-temporal.js';
import { ActivityLog } from '../../bench/chaos/activity-log.js';
import type { AnalysisResult } from '../../workflows/contracts/result.js';
import {
  canMakeHosts,
  HostsInNetworks,
  type NetworkHost,
  type NetworkLink,
} from '../support/network-hosts.js';
import { DEMO_MODEL } from '../support/processes.js';
import { S3_ENVIRONMENT, S3Server } from '../support/s3-server.js';
import { until } from '../support/until.js';
import { makeVideo } from '../support/videos.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const isPossible = process.platform === 'linux' && canMakeHosts();
if (!isPossible)
  console.warn('SKIPPED: hosts are network namespaces here, which this process may not make');

/** Four segments: some are finished, others not, when a link is cut. */
const VIDEO = { seconds: 230, width: 320, height: 180 };
const SEGMENTS = 4;
/** Longer than a heartbeat may stay away, and than a call to the server or the bucket may take. */
const CUT_MS = 8_000;
const Bucket = 'analyses';

/** To Temporal, to the blobs and to clients, each a network of its own, so that a host's way to one can be cut alone. */
const NETWORKS = ['work', 'storage', 'clients'] as const;
type Network = (typeof NETWORKS)[number];

interface Hosts {
  readonly temporal: NetworkHost<'work'>;
  readonly s3: NetworkHost<'storage'>;
  readonly media: NetworkHost<'work' | 'storage'>;
  readonly inference: NetworkHost<'work' | 'storage'>;
  readonly api: NetworkHost<Network>;
}
type Service = 'media' | 'inference' | 'api';

/** Links without which no analysis gets to its end. */
const CUTS: readonly (readonly [string, (hosts: Hosts) => NetworkLink])[] = [
  ['Temporal and all others', ({ temporal }) => temporal.links.work],
  ['S3 server and all others', ({ s3 }) => s3.links.storage],
  ['media worker and Temporal', ({ media }) => media.links.work],
  ['media worker and S3 server', ({ media }) => media.links.storage],
  ['inference worker and Temporal', ({ inference }) => inference.links.work],
  ['inference worker and S3 server', ({ inference }) => inference.links.storage],
];
const API_CUTS = [
  ['Temporal', 'work', 'temporal_unavailable'],
  ['S3 server', 'storage', 'storage_unavailable'],
] as const;

interface Answer {
  readonly status: number;
  readonly body: {
    readonly id: string;
    readonly status?: string;
    readonly code?: string;
    readonly result?: AnalysisResult;
    readonly progress?: { readonly segments_scored: number } | null;
  };
}

describe.runIf(isPossible)('parts on hosts of their own, blobs in a bucket on another', () => {
  let folder: string;
  let networks: HostsInNetworks<Network>;
  let hosts: Hosts;
  let s3: S3Server;
  let log: ActivityLog;
  let undisturbed: object;
  let finishedId: string;
  let video: Buffer<ArrayBuffer>;
  let variants = 0;
  const parts: RunningPart[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'cross-host-'));
    log = new ActivityLog(folder);
    Object.assign(process.env, S3_ENVIRONMENT);
    video = await readFile(await makeVideo(folder, VIDEO));
    networks = new HostsInNetworks(NETWORKS);
    hosts = {
      temporal: networks.add('temporal', ['work']),
      s3: networks.add('s3', ['storage']),
      media: networks.add('media', ['work', 'storage']),
      inference: networks.add('inference', ['work', 'storage']),
      api: networks.add('api', NETWORKS),
    };
    await startTemporal();
    const { links, command } = hosts.s3;
    s3 = await S3Server.start(path.join(folder, 's3'), { ...links.storage, command });
    await s3.createBucket(Bucket);
    for (const service of ['media', 'inference', 'api'] as const) await startService(service);
    await until('the service to be healthy', async () => (await ask('/health'))?.status === 200);
    finishedId = await submit();
    undisturbed = told(await ended(finishedId));
  });
  afterAll(async () => {
    await Promise.all(parts.toReversed().map((part) => stopPart(part, 15_000)));
    await s3.stop();
    networks.remove();
    await rm(folder, { recursive: true });
  });

  async function startTemporal(): Promise<void> {
    const searchPath = process.env.PATH ?? '';
    const none = { address: null, searchPath, cacheDir: programCacheDir };
    const found = await findTemporal({ ...none, onStep: () => undefined });
    if (found.kind !== 'program') throw new Error('expected a Temporal server to start');
    const databaseFile = path.join(folder, 'temporal.db');
    const ports = { port: 7233, uiPort: 8233, httpPort: 7243, databaseFile };
    // On all addresses of its host: the development server's own parts call each other at 127.0.0.1.
    const args = serverArguments(ports).map((arg) => (arg === '127.0.0.1' ? '0.0.0.0' : arg));
    const [command, commandArgs] = hosts.temporal.command(found.file, args);
    const untilReady = () => waitForTemporal(temporalAddress(), 'default');
    const plan = { name: 'temporal', command, args: commandArgs, env: process.env, untilReady };
    await started(
      'temporal',
      startPart(plan, () => undefined),
    );
  }

  const temporalAddress = () => `${hosts.temporal.links.work.address}:7233`;

  /** With folders of its own: it shares nothing but what it is told over its links. */
  async function startService(service: Service): Promise<void> {
    const entry = service === 'api' ? ['api/main.js'] : ['worker/main.js', service];
    const [main = '', ...rest] = entry;
    const program = [path.join(root, 'dist/apps', main), ...rest];
    const [command, args] = hosts[service].command(process.execPath, program);
    const own = path.join(folder, service);
    await mkdir(path.join(own, 'tmp'), { recursive: true });
    const env = {
      ...process.env,
      TEMPORAL_ADDRESS: temporalAddress(),
      DATA_DIR: path.join(own, 'data'),
      TMPDIR: path.join(own, 'tmp'),
      S3_BUCKET: Bucket,
      S3_ENDPOINT: s3.endpoint,
      S3_FORCE_PATH_STYLE: '1',
      S3_MAX_ATTEMPTS: '2',
      S3_TIMEOUT_SECONDS: '2',
      MODEL_PATH: DEMO_MODEL,
      MODELS: '',
      HOST: '0.0.0.0',
      PORT: '5000',
      LOG_LEVEL: 'debug',
    };
    await started(
      service,
      startPart({ name: service, command, args, env }, () => undefined),
    );
  }

  async function started(name: string, part: RunningPart): Promise<void> {
    parts.push(part);
    for (const stream of [part.process.stdout, part.process.stderr])
      if (stream !== null) log.follow(name, stream, true, () => undefined);
    const died = part.ended.then(() => Promise.reject(new Error(`${name} ended at its start`)));
    died.catch(() => undefined);
    await Promise.race([part.ready, died]);
  }

  /** Null where there is no answer. */
  async function ask(route: string, init: RequestInit = {}): Promise<Answer | null> {
    const url = `http://${hosts.api.links.clients.address}:5000${route}`;
    const limit = AbortSignal.timeout(15_000);
    const response = await fetch(url, { ...init, signal: limit }).catch(() => null);
    const body = (await response?.json().catch(() => null)) as Answer['body'] | null;
    return response && body ? { status: response.status, body } : null;
  }

  async function analysis(id: string): Promise<Answer['body'] | null> {
    const answer = await ask(`/api/v1/inference/${id}`);
    return answer?.status === 200 ? answer.body : null;
  }

  /** The same video under another hash each time: bytes after its end are no part of it. */
  async function submit(): Promise<string> {
    variants += 1;
    const free = Buffer.from(`\0\0\0\x0cfree${String(variants).padStart(4, '0')}`, 'latin1');
    const bytes = Buffer.concat([video, free]);
    return until('an ID', async () => {
      const form = new FormData();
      form.set('media', new Blob([bytes]), 'video.mp4');
      const headers = { prefer: 'respond-async' };
      const answer = await ask('/api/v1/inference', { method: 'POST', body: form, headers });
      return answer?.status === 202 ? answer.body.id : null;
    });
  }

  async function ended(id: string): Promise<AnalysisResult> {
    const { status, result } = await until(
      `the end of ${id}`,
      async () => {
        const found = await analysis(id);
        return found !== null && !['queued', 'running'].includes(found.status ?? '') ? found : null;
      },
      120_000,
    );
    if (result === undefined) throw new Error(`expected a result, got ${status ?? 'nothing'}`);
    return result;
  }

  /** What must be the same whenever the pictures are. */
  function told(result: AnalysisResult): object {
    const { timeline, tracks, coverage, verdict, reasons, risk_score, confidence } = result;
    return { timeline, tracks, coverage, verdict, reasons, risk_score, confidence };
  }

  /** A video of which one segment is finished, and others are not. */
  async function halfDone(): Promise<string> {
    const id = await submit();
    await until('a segment to be finished', async () => {
      const found = await analysis(id);
      if (found?.status === 'succeeded') throw new Error('expected a longer analysis');
      return (found?.progress?.segments_scored ?? 0) > 0;
    });
    return id;
  }

  it.each(CUTS)('%s: the link is cut and restored; the result is the same', async (_what, of) => {
    const link = of(hosts);
    const id = await halfDone();
    link.cut();
    await sleep(CUT_MS);
    const restoredAt = Date.now();
    link.restore();
    const result = await ended(id);
    expect(told(result)).toEqual(undisturbed);
    expect(Date.parse(result.created_at)).toBeGreaterThan(restoredAt);
    expect(scoredSegments(id)).toBe(SEGMENTS);
    expect(log.doneAgain()).toEqual([]);
  });

  /** As the inference worker itself tells. */
  function scoredSegments(id: string): number {
    const scored = log.attempts.filter(
      ({ workflowId, activityType, reused }) =>
        workflowId.endsWith(id) && activityType === 'scoreFaces' && reused === false,
    );
    return new Set(scored.map(({ activityId }) => activityId)).size;
  }

  it.each(API_CUTS)(
    'API and %s: the link is cut and restored; the API says so, the work goes on',
    async (_what, network, code) => {
      const link = hosts.api.links[network];
      const id = await halfDone();
      link.cut();
      const [first] = await Promise.all([refused(), sleep(CUT_MS)]);
      expect(first).toEqual({ status: 503, code });
      link.restore();
      expect(told(await ended(id))).toEqual(undisturbed);
      expect(await analysis(finishedId)).toMatchObject({ status: 'succeeded' });
      expect(log.doneAgain()).toEqual([]);
    },
  );

  /** What a client is told whose media the API can't pass on. */
  async function refused(): Promise<object> {
    const form = new FormData();
    form.set('media', new Blob([video]), 'video.mp4');
    const answer = await ask('/api/v1/inference', { method: 'POST', body: form });
    return { status: answer?.status, code: answer?.body.code };
  }

  it('the hosts reach each other by these links alone', async () => {
    hosts.temporal.links.work.cut();
    await expect(waitForTemporal(temporalAddress(), 'default', 2_000)).rejects.toThrow(/to answer/);
    hosts.temporal.links.work.restore();
    await waitForTemporal(temporalAddress(), 'default');
  });
});
