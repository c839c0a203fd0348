import {
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  readlink,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BoundedDownload, briefFetch } from '../../libs/model/hub/bounded-fetch.js';
import { resolveModel, type DownloadProgress, type ModelSource } from '../../libs/model/source.js';
import { COMMIT, gitHash, HubServer, MODEL_ID, sha256 } from '../support/hub-server.js';

const checkpoint = fileURLToPath(new URL('../fixtures/golden/tiny-f32/', import.meta.url));
const names = ['config.json', 'preprocessor_config.json', 'model.safetensors'];

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

const source = (change: Partial<ModelSource['hub']> = {}, revision = 'main'): ModelSource => ({
  modelId: MODEL_ID,
  revision,
  hub: { endpoint: server.endpoint, cacheDir, offline: false, ...change },
});
const repo = () => path.join(cacheDir, 'models--someone--detector');
const weights = () => files.get('model.safetensors') ?? Buffer.alloc(0);
const downloads = () => server.requests.filter(({ host }) => host === 'storage');

/** Every file of the cache, without what a download leaves that failed. */
async function expectNothingHalf(): Promise<void> {
  const blobs = await readdir(path.join(repo(), 'blobs')).catch(() => []);
  expect(blobs).not.toContain(sha256(weights()));
  expect(blobs.filter((name) => name.includes('incomplete'))).toEqual([]);
}

describe('a download from the hub', () => {
  it('fills the cache as the Hugging Face tools do, and tells how far it is', async () => {
    const progress: DownloadProgress[] = [];
    const model = await resolveModel(source(), { onProgress: (step) => progress.push(step) });

    expect(model).toEqual({
      folder: path.join(repo(), 'snapshots', COMMIT),
      id: MODEL_ID,
      revision: COMMIT,
    });
    for (const [name, content] of files) {
      expect(content.equals(await readFile(path.join(model.folder, name)))).toBe(true);
      const hash = name === 'model.safetensors' ? sha256(content) : gitHash(content);
      expect(await readlink(path.join(model.folder, name))).toBe(`../../blobs/${hash}`);
    }
    expect(await readFile(path.join(repo(), 'refs', 'main'), 'utf8')).toBe(COMMIT);
    const last = progress.filter(({ file }) => file === 'model.safetensors').at(-1);
    const totalBytes = weights().length;
    expect(last).toEqual({ file: 'model.safetensors', loadedBytes: totalBytes, totalBytes });
  });

  it('asks only what the branch means when the cache is full, and nothing for a pinned commit', async () => {
    await resolveModel(source());
    server.requests.length = 0;
    await resolveModel(source());
    expect(server.requests.map(({ path }) => path)).toEqual([
      `/api/models/${MODEL_ID}/revision/main`,
    ]);
    server.requests.length = 0;
    await resolveModel(source({}, COMMIT));
    expect(server.requests).toEqual([]);
  });

  it('takes up a cut connection where it broke', async () => {
    server.troubles.push({ kind: 'cut', afterBytes: 100_000, times: 2 });
    const model = await resolveModel(source());
    expect(weights().equals(await readFile(path.join(model.folder, 'model.safetensors')))).toBe(
      true,
    );
    const [first, ...resumed] = downloads();
    expect(first?.range).toBeUndefined();
    expect(resumed).toHaveLength(2);
    for (const { range, ifRange } of resumed) {
      expect(range).toMatch(/^bytes=[1-9]\d*-$/);
      expect(ifRange).toBe(`"${gitHash(weights())}"`);
    }
  });

  it('tries again when storage is overloaded', async () => {
    server.troubles.push({ kind: 'overloaded', times: 2 });
    await resolveModel(source());
    expect(downloads()).toHaveLength(3);
  });

  it('fails cleanly when the connection keeps breaking', async () => {
    server.troubles.push({ kind: 'cut', afterBytes: 0, times: 100 });
    const failure = resolveModel(source());
    await expect(failure).rejects.toMatchObject({ code: 'model_download_failed' });
    await expect(failure).rejects.toThrow(/MODEL_PATH.*HF_HUB_OFFLINE.*HF_ENDPOINT.*--demo/);
    await expectNothingHalf();
  });

  it('refuses bytes that are not what the hub promised', async () => {
    server.troubles.push({ kind: 'corrupt', times: 1 });
    await expect(resolveModel(source())).rejects.toThrow(/model\.safetensors with hash/);
    await expectNothingHalf();
  });

  it('stops when aborted, with nothing half under the final name', async () => {
    const controller = new AbortController();
    const reason = new Error('shutting down');
    const download = resolveModel(source(), {
      signal: controller.signal,
      onProgress: ({ file }) => {
        if (file === 'model.safetensors') controller.abort(reason);
      },
    });
    await expect(download).rejects.toBe(reason);
    const blobs = await readdir(path.join(repo(), 'blobs'));
    expect(blobs).not.toContain(sha256(weights()));
  });

  it('may run twice at the same time', async () => {
    const [one, other] = await Promise.all([resolveModel(source()), resolveModel(source())]);
    expect(one).toEqual(other);
    expect(weights().equals(await readFile(path.join(one.folder, 'model.safetensors')))).toBe(true);
  });
});

describe('access to the hub', () => {
  it('shows the token to the hub alone', async () => {
    server.requiredToken = 'hf_secret';
    await resolveModel(source({ token: 'hf_secret' }));
    for (const { host, authorization } of server.requests) {
      expect(authorization).toBe(host === 'hub' ? 'Bearer hf_secret' : undefined);
    }
  });

  it.each([
    [null, /HTTP 401.*HF_TOKEN is not set/],
    ['hf_other', /HTTP 403.*accept its terms/],
  ])(
    'says what to do when the token %s is refused, without repeating it',
    async (token, message) => {
      server.requiredToken = 'hf_secret';
      const failure = resolveModel(source({ token }));
      await expect(failure).rejects.toMatchObject({ code: 'model_not_found' });
      await expect(failure).rejects.toThrow(message);
      await expect(failure).rejects.not.toThrow(/hf_other|hf_secret/);
    },
  );

  it('says that there is no such model or revision', async () => {
    const failure = resolveModel({ ...source(), modelId: 'someone/else' });
    await expect(failure).rejects.toMatchObject({ code: 'model_not_found' });
    await expect(failure).rejects.toThrow(/There is no someone\/else .*MODEL_PATH/);
    await expect(resolveModel(source({}, 'v9'))).rejects.toThrow(/revision v9/);
  });

  it('names the file that a repository lacks', async () => {
    files.delete('model.safetensors');
    const failure = resolveModel(source());
    await expect(failure).rejects.toMatchObject({ code: 'model_unsupported' });
    await expect(failure).rejects.toThrow(
      /expected model\.safetensors, .* in the model repository/,
    );
  });

  it.each(['../escape', 'a/../b', 'a/b/c', '', 'a/..'])(
    'refuses the name "%s"',
    async (modelId) => {
      await expect(resolveModel({ ...source(), modelId })).rejects.toThrow(
        /MODEL_ID as owner\/name/,
      );
      expect(server.requests).toEqual([]);
    },
  );

  it('gives up on a server that never answers', async () => {
    const silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const { fetch } = new BoundedDownload(undefined, { answer: 0.1, silence: 0.1 });
    for (const ask of [fetch, briefFetch(undefined, 0.1)]) {
      await expect(ask(`http://127.0.0.1:${port}/`)).rejects.toThrow('no answer within 0.1 s');
    }
    silent.close();
  });
});

describe('a cache that is filled', () => {
  /** As a Python tool would have left it: links to blobs, the branch in refs. */
  beforeEach(async () => {
    const snapshot = path.join(repo(), 'snapshots', COMMIT);
    await mkdir(path.join(repo(), 'blobs'), { recursive: true });
    await mkdir(path.join(repo(), 'refs'), { recursive: true });
    await mkdir(snapshot, { recursive: true });
    await writeFile(path.join(repo(), 'refs', 'main'), COMMIT);
    for (const [name, content] of files) {
      const blob = name === 'model.safetensors' ? sha256(content) : gitHash(content);
      await writeFile(path.join(repo(), 'blobs', blob), content);
      await symlink(`../../blobs/${blob}`, path.join(snapshot, name));
    }
  });

  it('is used offline without a question to the network', async () => {
    const model = await resolveModel(source({ offline: true }));
    expect(model.revision).toBe(COMMIT);
    expect(server.requests).toEqual([]);
  });

  it('is used when the hub is unreachable, which is said', async () => {
    const asked = source();
    await server.stop();
    const model = await resolveModel(asked, { onNotice });
    expect(model.revision).toBe(COMMIT);
    expect(notices.join()).toMatch(/can't be asked now; using the cached commit/);
  });

  it('is used when the hub is out of order, which is said', async () => {
    server.isDown = true;
    await resolveModel(source(), { onNotice });
    expect(notices.join()).toMatch(/can't be asked now/);
    expect(server.requests.length).toBeGreaterThan(1);
  });

  it('is used at once when the hub asks to come back later', async () => {
    server.answers.push({ status: 429, headers: { 'retry-after': '60' }, times: 9 });
    await resolveModel(source(), { onNotice });
    expect(notices).toEqual([expect.stringMatching(/can't be asked now; using the cached commit/)]);
    expect(server.requests).toHaveLength(1);
  });

  it('is not enough when a file is missing', async () => {
    await rm(path.join(repo(), 'blobs', sha256(weights())));
    const failure = resolveModel(source({ offline: true }));
    await expect(failure).rejects.toMatchObject({ code: 'model_not_found' });
    await expect(failure).rejects.toThrow(/not complete in the cache.*HF_HUB_OFFLINE/);
    expect(server.requests).toEqual([]);
    const asked = source();
    await server.stop();
    await expect(resolveModel(asked)).rejects.toMatchObject({ code: 'model_download_failed' });
  });
});

describe('a local folder', () => {
  it('is taken as it is, under its own name', async () => {
    const model = await resolveModel({ ...source(), path: checkpoint });
    expect(model).toEqual({ folder: path.resolve(checkpoint), id: 'tiny-f32', revision: 'local' });
    expect(server.requests).toEqual([]);
  });

  it('must exist and hold the files', async () => {
    const gone = resolveModel({ ...source(), path: path.join(cacheDir, 'gone') });
    await expect(gone).rejects.toMatchObject({ code: 'model_not_found' });
    const empty = resolveModel({ ...source(), path: cacheDir });
    await expect(empty).rejects.toThrow(/no config\.json, no preprocessor_config\.json/);
  });
});
