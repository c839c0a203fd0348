import { mkdtemp, readFile, rm } from 'node:fs/promises';
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
import type { AnalysisResult } from '../../workflows/contracts/result.js';
import { canMakeHosts, NetworkOfHosts, type NetworkHost } from '../support/network-hosts.js';
import { DEMO_MODEL } from '../support/processes.js';
import { until } from '../support/until.js';
import { makeVideo } from '../support/videos.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const isPossible = process.platform === 'linux' && canMakeHosts();
if (!isPossible)
  console.warn('SKIPPED: hosts are network namespaces here, which this process may not make');

/** Three segments, of which some are under way when a link is cut. */
const VIDEO = { seconds: 150, width: 320, height: 180 };
/** Longer than a heartbeat may stay away, and than a call to the server may take. */
const CUT_MS = 8_000;
const NAMES = ['temporal', 'media', 'inference', 'api'] as const;
type Name = (typeof NAMES)[number];

interface Analysis {
  readonly id: string;
  readonly status: string;
  readonly result?: AnalysisResult;
  readonly progress: { readonly segments_extracted: number } | null;
}

describe.runIf(isPossible)('parts on hosts of their own', () => {
  let folder: string;
  let network: NetworkOfHosts;
  let undisturbed: object;
  let video: Buffer<ArrayBuffer>;
  let variants = 0;
  const hosts = {} as Record<Name, NetworkHost>;
  const parts: RunningPart[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'cross-host-'));
    video = await readFile(await makeVideo(folder, VIDEO));
    network = new NetworkOfHosts();
    for (const name of NAMES) hosts[name] = network.add(name);
    await startServer();
    for (const name of ['media', 'inference', 'api'] as const) await startOn(name);
    await until('the service to be healthy', async () => (await ask('/health')) !== null);
    undisturbed = told(await ended(await submit()));
  });
  afterAll(async () => {
    await Promise.all(parts.toReversed().map((part) => stopPart(part, 15_000)));
    network.remove();
    await rm(folder, { recursive: true });
  });

  async function startServer(): Promise<void> {
    const searchPath = process.env.PATH ?? '';
    const none = { address: null, searchPath, cacheDir: programCacheDir };
    const found = await findTemporal({ ...none, onStep: () => undefined });
    if (found.kind !== 'program') throw new Error('expected a Temporal server to start');
    const databaseFile = path.join(folder, 'temporal.db');
    const ports = { port: 7233, uiPort: 8233, httpPort: 7243, databaseFile };
    const { address } = hosts.temporal;
    // On all addresses of its host: the development server's own parts call each other at 127.0.0.1.
    const args = serverArguments(ports).map((arg) => (arg === '127.0.0.1' ? '0.0.0.0' : arg));
    const [command, commandArgs] = hosts.temporal.command(found.file, args);
    const untilReady = () => waitForTemporal(`${address}:7233`, 'default');
    const plan = { name: 'temporal', command, args: commandArgs, env: process.env, untilReady };
    await started(startPart(plan, () => undefined));
  }

  async function startOn(name: 'media' | 'inference' | 'api'): Promise<void> {
    const entry = name === 'api' ? ['api/main.js'] : ['worker/main.js', name];
    const [main = '', ...rest] = entry;
    const program = [path.join(root, 'dist/apps', main), ...rest];
    const [command, args] = hosts[name].command(process.execPath, program);
    const env = {
      ...process.env,
      TEMPORAL_ADDRESS: `${hosts.temporal.address}:7233`,
      DATA_DIR: path.join(folder, 'data'),
      MODEL_PATH: DEMO_MODEL,
      MODELS: '',
      HOST: '0.0.0.0',
      PORT: '5000',
      LOG_LEVEL: 'fatal',
    };
    await started(startPart({ name, command, args, env }, () => undefined));
  }

  async function started(part: RunningPart): Promise<void> {
    parts.push(part);
    part.process.stdout?.resume();
    part.process.stderr?.pipe(process.stderr);
    const died = part.ended.then(() => Promise.reject(new Error('a part ended at its start')));
    died.catch(() => undefined);
    await Promise.race([part.ready, died]);
  }

  /** Null where there is no answer, or none that helps. */
  async function ask(route: string, init: RequestInit = {}): Promise<Analysis | null> {
    const url = `http://${hosts.api.address}:5000${route}`;
    const limit = AbortSignal.timeout(10_000);
    const response = await fetch(url, { ...init, signal: limit }).catch(() => null);
    const body = (await response?.json().catch(() => null)) as Analysis | null;
    return response?.ok === true ? body : null;
  }

  /** The same video under another hash each time: bytes after its end are no part of it. */
  async function submit(): Promise<string> {
    variants += 1;
    const free = Buffer.from(`\0\0\0\x0cfree${String(variants).padStart(4, '0')}`, 'latin1');
    const bytes = Buffer.concat([video, free]);
    const { id } = await until('an ID', () => {
      const form = new FormData();
      form.set('media', new Blob([bytes]), 'video.mp4');
      const headers = { prefer: 'respond-async' };
      return ask('/api/v1/inference', { method: 'POST', body: form, headers });
    });
    return id;
  }

  async function ended(id: string): Promise<AnalysisResult> {
    const { status, result } = await until(
      `the end of ${id}`,
      async () => {
        const analysis = await ask(`/api/v1/inference/${id}`);
        return analysis !== null && !['queued', 'running'].includes(analysis.status)
          ? analysis
          : null;
      },
      120_000,
    );
    if (result === undefined) throw new Error(`expected a result, got ${status}`);
    return result;
  }

  /** What must be the same whenever the pictures are. */
  function told(result: AnalysisResult): object {
    const { timeline, tracks, coverage, verdict, reasons, risk_score, confidence } = result;
    return { timeline, tracks, coverage, verdict, reasons, risk_score, confidence };
  }

  it.each(NAMES)('%s: its link is cut and restored; the result is the same', async (name) => {
    const id = await submit();
    await until('the run to be under way', async () => {
      const analysis = await ask(`/api/v1/inference/${id}`);
      return analysis?.status === 'running' || analysis?.status === 'succeeded';
    });
    hosts[name].cut();
    await sleep(CUT_MS);
    hosts[name].restore();
    expect(told(await ended(id))).toEqual(undisturbed);
  });

  it('the hosts reach each other by their links alone', async () => {
    hosts.temporal.cut();
    await expect(
      waitForTemporal(`${hosts.temporal.address}:7233`, 'default', 2_000),
    ).rejects.toThrow(/to answer/);
    hosts.temporal.restore();
    await waitForTemporal(`${hosts.temporal.address}:7233`, 'default');
  });
});
