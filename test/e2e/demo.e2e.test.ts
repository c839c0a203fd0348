import { spawn } from 'node:child_process';
import { openAsBlob } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../../apps/standalone/ports.js';
import { until } from '../support/until.js';
import { makeVideo } from '../support/videos.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

interface Run {
  readonly pid: number;
  output(): string;
  readonly ended: Promise<number | null>;
  signal(name: NodeJS.Signals): void;
}

/** Runs what `npm start` and `npm run demo` run. */
function runStandalone(args: readonly string[], env: Readonly<Record<string, string>>): Run {
  const child = spawn(process.execPath, [path.join(root, 'scripts/run.mjs'), ...args], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return { pid: child.pid!, output: () => output, ended, signal: (name) => void child.kill(name) };
}

describe('the standalone service', () => {
  let dataDir: string;
  beforeEach(async () => {
    dataDir = await mkdtemp(path.join(tmpdir(), 'standalone-'));
  });
  afterEach(() => rm(dataDir, { recursive: true, force: true }));

  it('demo: analyses the bundled media, shows the results and ends', async () => {
    const demo = runStandalone(['demo'], { DATA_DIR: dataDir });
    expect(await demo.ended, demo.output()).toBe(0);
    const text = demo.output();
    expect(text).toMatch(/portrait\.jpg\s+│ likely_real/);
    expect(text).toMatch(/portrait-edited\.jpg\s+│ likely_fake/);
    expect(text).toMatch(/interview\.mp4\s+│ likely_fake .* 20\.0 of 20\.0 s, 30 frames/);
    expect(text).toContain('fake probability over time');
    expect(text).toMatch(
      /Temporal UI: http:\/\/127\.0\.0\.1:\d+\/namespaces\/default\/workflows\/analysis-/,
    );
    const report = /Report:\s+(\S+)/.exec(text)?.[1] ?? '';
    expect(await readFile(report, 'utf8')).toContain('Likely manipulated');
  });

  it('start: where the model can not be had, says so with the ways out and does not take the demo model', async () => {
    const closed = await freePort();
    const start = runStandalone(['start'], {
      DATA_DIR: dataDir,
      PORT: String(await freePort()),
      HF_HOME: path.join(dataDir, 'huggingface'),
      HF_ENDPOINT: `http://127.0.0.1:${closed}`,
    });
    expect(await start.ended, start.output()).toBe(78);
    const text = start.output();
    expect(text).toContain('prithivMLmods/Deepfake-Detect-Siglip2');
    for (const way of ['MODEL_PATH', 'HF_HOME', 'HF_ENDPOINT', 'HF_TOKEN', 'npm start -- --demo'])
      expect(text).toContain(way);
    expect(text).not.toContain('Ready.');
  });

  it('start: restarts a part that was killed, and drains when told to stop', async () => {
    const port = await freePort();
    const start = runStandalone(['start', '--demo'], { DATA_DIR: dataDir, PORT: String(port) });
    await until('the service to be ready', () => start.output().includes('Ready.'));
    expect(start.output()).toContain('DEMO MODEL');
    const healthy = async () =>
      (await fetch(`http://127.0.0.1:${port}/health`).catch(() => null))?.status === 200;
    expect(await healthy()).toBe(true);

    const children = (await readFile(`/proc/${start.pid}/task/${start.pid}/children`, 'utf8'))
      .trim()
      .split(' ')
      .map(Number);
    const commands = await Promise.all(
      children.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8')),
    );
    const api = children[commands.findIndex((command) => command.includes('apps/api/main.js'))]!;
    process.kill(api, 'SIGKILL');
    await until('the death to be told', () =>
      start.output().includes('ended by SIGKILL; starting it again'),
    );
    await until('the service to be healthy again', healthy);

    start.signal('SIGTERM');
    expect(await start.ended).toBe(0);
    for (const pid of children) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  it('takes a run up again that was under way when all was killed', async () => {
    const video = await makeVideo(dataDir, { seconds: 240, width: 640, height: 360 });
    const port = await freePort();
    const env = { DATA_DIR: path.join(dataDir, 'service'), PORT: String(port) };
    const url = `http://127.0.0.1:${port}/api/v1/inference`;
    const first = runStandalone(['start', '--demo'], env);
    await until('the service to be ready', () => first.output().includes('Ready.'));
    const form = new FormData();
    form.set('media', await openAsBlob(video), 'long.mp4');
    const accepted = await fetch(url, {
      method: 'POST',
      body: form,
      headers: { prefer: 'respond-async' },
    });
    expect(accepted.status).toBe(202);
    const { id } = (await accepted.json()) as { id: string };
    const read = async () =>
      (await (await fetch(`${url}/${id}`)).json()) as {
        status: string;
        progress: { segments_scored: number } | null;
      };
    await until(
      'a segment to be scored',
      async () => ((await read()).progress?.segments_scored ?? 0) > 0,
    );
    expect((await read()).status).toBe('running');
    first.signal('SIGKILL');
    await first.ended;

    const second = await until('the data folder to be free again', async () => {
      const start = runStandalone(['start', '--demo'], env);
      await Promise.race([
        start.ended,
        until('the service to be ready', () => start.output().includes('Ready.')),
      ]);
      return start.output().includes('Ready.') ? start : null;
    });
    await until(
      'the analysis to be finished',
      async () => (await read()).status === 'succeeded',
      120_000,
    );
    second.signal('SIGTERM');
    expect(await second.ended).toBe(0);
  });

  it('leaves no process behind when it is killed itself', async () => {
    const start = runStandalone(['start', '--demo'], {
      DATA_DIR: dataDir,
      PORT: String(await freePort()),
    });
    await until('the service to be ready', () => start.output().includes('Ready.'));
    const children = (await readFile(`/proc/${start.pid}/task/${start.pid}/children`, 'utf8'))
      .trim()
      .split(' ')
      .map(Number);
    expect(children).toHaveLength(4);
    start.signal('SIGKILL');
    await until('all parts to end', () =>
      children.every((pid) => {
        try {
          process.kill(pid, 0);
          return false;
        } catch {
          return true;
        }
      }),
    );
  });
});
