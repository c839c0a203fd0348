import { spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { resolveModel, type DownloadProgress, type ModelSource } from '../../libs/model/source.js';
import { COMMIT, HubServer, MODEL_ID, sha256 } from '../support/hub-server.js';
import { Puller } from '../support/hub/puller.js';
import { until } from '../support/until.js';

const checkpoint = fileURLToPath(new URL('../fixtures/golden/tiny-f32/', import.meta.url));
const names = ['config.json', 'preprocessor_config.json', 'model.safetensors'];
const HALF = 300_000;

let files: Map<string, Buffer>;
let server: HubServer;
let cacheDir: string;
let notices: string[];
const onNotice = (notice: string) => void notices.push(notice);

beforeEach(async () => {
  files = new Map();
  notices = [];
  for (const name of names) files.set(name, await readFile(path.join(checkpoint, name)));
  server = await HubServer.start(files);
  cacheDir = await mkdtemp(path.join(tmpdir(), 'hub-cache-'));
});
afterEach(async () => {
  await server.stop();
  await rm(cacheDir, { recursive: true });
});

const source = (change: Partial<ModelSource['hub']> = {}): ModelSource => ({
  modelId: MODEL_ID,
  revision: 'main',
  hub: { endpoint: server.endpoint, cacheDir, offline: false, ...change },
});
const weights = () => files.get('model.safetensors') ?? Buffer.alloc(0);
const blobs = () => path.join(cacheDir, 'models--someone--detector', 'blobs');
const partial = () => path.join(blobs(), `${sha256(weights())}.incomplete`);
const lockFile = () =>
  path.join(cacheDir, '.locks', 'models--someone--detector', `${sha256(weights())}.lock`);
const downloads = () => server.requests.filter(({ host }) => host === 'storage');

/** Until the storage has sent `HALF` of the weights to all of so many downloads, and some of it is in the cache. */
async function untilStalled(count = 1): Promise<void> {
  await until('a stalled download', async () => {
    const { size } = await stat(partial()).catch(() => ({ size: 0 }));
    return server.stalledDownloads === count && size > 0;
  });
}

async function leave(content: Buffer): Promise<void> {
  await mkdir(blobs(), { recursive: true });
  await writeFile(partial(), content);
}

async function expectWeights(): Promise<void> {
  const snapshot = path.join(cacheDir, 'models--someone--detector', 'snapshots', COMMIT);
  // Byte by byte, the test runner would take seconds.
  expect(weights().equals(await readFile(path.join(snapshot, 'model.safetensors')))).toBe(true);
  const left = await readdir(blobs());
  expect(left.filter((name) => name.includes('incomplete'))).toEqual([]);
}

describe('a download that broke off', () => {
  it('is taken up by the next process, even when the first one was killed', async () => {
    server.troubles.push({ kind: 'stall', afterBytes: HALF, times: 1 });
    const killed = Puller.start(source());
    await untilStalled();
    await killed.kill();
    const { size } = await stat(partial());
    expect(size).toBeLessThanOrEqual(HALF);

    const progress: DownloadProgress[] = [];
    await resolveModel(source(), { onProgress: (step) => progress.push(step) });
    await expectWeights();
    expect(downloads().map(({ range }) => range)).toEqual([undefined, `bytes=${size}-`]);
    const first = progress.find(({ file }) => file === 'model.safetensors');
    expect(first?.loadedBytes).toBe(size);
  });

  it('is only checked where all of it had arrived', async () => {
    await leave(weights());
    await resolveModel(source());
    await expectWeights();
    expect(downloads()).toEqual([]);
  });

  it.each([
    ['damaged', () => Buffer.alloc(HALF, 7), /were damaged; starting it again/],
    ['damaged to the end', () => Buffer.alloc(weights().length, 7), /were damaged/],
    ['longer than the whole', () => Buffer.alloc(weights().length + 1), /^$/],
  ])('is thrown away when it is %s', async (_, content, said) => {
    await leave(content());
    await resolveModel(source(), { onNotice });
    await expectWeights();
    expect(notices.join()).toMatch(said);
    expect(downloads().at(-1)?.range).toBeUndefined();
  });

  it('starts over when the server sends the whole again', async () => {
    await leave(weights().subarray(0, HALF));
    server.troubles.push({ kind: 'whole', times: 1 });
    await resolveModel(source());
    await expectWeights();
    expect(downloads().map(({ range }) => range)).toEqual([`bytes=${HALF}-`]);
  });

  it('is thrown away once it proves wrong, and the error stays', async () => {
    server.troubles.push({ kind: 'corrupt', times: 9 });
    await leave(Buffer.alloc(HALF, 7));
    await expect(resolveModel(source())).rejects.toThrow(/model\.safetensors with hash/);
    expect((await readdir(blobs())).filter((name) => name.includes('incomplete'))).toEqual([]);
  });
});

describe('two processes with one cache', () => {
  /** As huggingface_hub asks for it: the same system call on the same file. */
  const isLocked = () => spawnSync('flock', ['--nonblock', lockFile(), 'true']).status === 1;

  it('download once: the second waits, sees how far it is, and takes what the first brought', async () => {
    server.troubles.push({ kind: 'stall', afterBytes: HALF, times: 1 });
    const first = Puller.start(source());
    await untilStalled();
    expect(isLocked()).toBe(true);

    const progress: DownloadProgress[] = [];
    const second = resolveModel(source(), { onNotice, onProgress: (step) => progress.push(step) });
    await until('the second to wait', () => notices.length > 0 && progress.length > 0);
    expect(notices).toEqual(['Another process is downloading model.safetensors; waiting for it.']);
    expect(progress[0]?.loadedBytes).toBeGreaterThan(0);
    server.release();
    expect((await second).folder).toBe((await first.answer()).model.folder);
    await expectWeights();
    expect(downloads()).toHaveLength(1);
    expect(isLocked()).toBe(false);
  });

  it('go on when the first is killed: the second takes up what it left', async () => {
    server.troubles.push({ kind: 'stall', afterBytes: HALF, times: 1 });
    const first = Puller.start(source());
    await untilStalled();
    const second = resolveModel(source(), { onNotice });
    await until('the second to wait', () => notices.length > 0);
    await first.kill();
    await second;
    await expectWeights();
    expect(downloads().map(({ range }) => range)).toEqual([
      undefined,
      expect.stringMatching(/^bytes=[1-9]\d*-$/),
    ]);
  });

  it('stop waiting when told to', async () => {
    server.troubles.push({ kind: 'stall', afterBytes: HALF, times: 1 });
    const first = Puller.start(source());
    await untilStalled();
    const stop = new AbortController();
    const reason = new Error('shutting down');
    const second = resolveModel(source(), { signal: stop.signal, onNotice });
    const failure = expect(second).rejects.toBe(reason);
    await until('the second to wait', () => notices.length > 0);
    stop.abort(reason);
    await failure;
    server.release();
    await first.answer();
    await expectWeights();
  });

  it('are right even where there are no locks', async () => {
    server.troubles.push({ kind: 'stall', afterBytes: HALF, times: 2 });
    const both = [1, 2].map(() => Puller.start(source(), { PATH: '' }));
    await untilStalled(2);
    server.release();
    await Promise.all(both.map((puller) => puller.answer()));
    await expectWeights();
    expect(downloads()).toHaveLength(2);
  });
});

describe('a hub that is asked too much', () => {
  it.each([
    ['retry-after', '1'],
    ['ratelimit', '"api";r=0;t=1'],
  ])('is given the time that it asks for by %s', async (header, value) => {
    server.answers.push({ status: 429, headers: { [header]: value }, times: 1 });
    await resolveModel(source(), { onNotice });
    await expectWeights();
    expect(notices).toEqual(['The hub asks to wait for 1 s (HTTP 429); waiting.']);
  });

  it('is given up when it asks for more than is allowed', async () => {
    server.answers.push({ status: 429, headers: { 'retry-after': '3600' }, times: 9 });
    const failure = resolveModel(source());
    await expect(failure).rejects.toMatchObject({ code: 'model_download_failed' });
    await expect(failure).rejects.toThrow(/HTTP 429.*come back in 3600 s.*HUB_WAIT_SECONDS/);
    expect(server.requests).toHaveLength(1);
  });

  it('is given up when it never says when', async () => {
    server.answers.push({ status: 429, times: 99 });
    await expect(resolveModel(source())).rejects.toThrow(/HTTP 429/);
    expect(server.requests).toHaveLength(4);
  });
});

describe('what the hub says of a refusal', () => {
  it.each([
    [404, 'RevisionNotFound', 'model_not_found', /someone\/detector has no revision main/],
    [403, 'GatedRepo', 'model_not_found', /it is gated: accept its terms/],
    [500, '', 'model_download_failed', /HTTP 500/],
  ])('is told: %i %s', async (status, word, code, message) => {
    server.answers.push({ status, headers: { 'x-error-code': word }, times: 99 });
    const failure = resolveModel(source());
    await expect(failure).rejects.toMatchObject({ code });
    await expect(failure).rejects.toThrow(message);
  });
});

describe('a cache that can only be read', () => {
  const everything = async () => {
    const found = await readdir(cacheDir, { recursive: true, withFileTypes: true });
    const paths = found.map((entry) => path.join(entry.parentPath, entry.name));
    return [cacheDir, ...paths.filter((_, i) => found[i]?.isDirectory())];
  };
  beforeEach(async () => {
    await resolveModel(source());
    server.requests.length = 0;
    for (const folder of await everything()) await chmod(folder, 0o555);
    // Root may write anywhere.
    if (process.getuid?.() === 0) process.seteuid?.(65534);
  });
  afterEach(async () => {
    if (process.getuid?.() === 0) process.seteuid?.(0);
    for (const folder of await everything()) await chmod(folder, 0o755);
  });

  it('is used as it is', async () => {
    expect((await resolveModel(source({ offline: true }))).revision).toBe(COMMIT);
    expect(server.requests).toEqual([]);
    expect((await resolveModel(source())).revision).toBe(COMMIT);
    expect(server.requests).toHaveLength(1);
  });

  it('is used for a branch that it has no note of', async () => {
    const other = { ...source(), revision: 'release' };
    server.branches.set('release', COMMIT);
    expect((await resolveModel(other)).revision).toBe(COMMIT);
  });

  it('says so when the branch has moved on', async () => {
    server.branches.set('main', 'f'.repeat(40));
    const failure = resolveModel(source());
    await expect(failure).rejects.toThrow(
      new RegExp(`Could not write .* to the cache .*EACCES.*commit ${COMMIT} is in the cache`),
    );
  });
});
