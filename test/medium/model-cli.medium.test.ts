import { spawn, type ChildProcess } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { COMMIT, HubServer, MODEL_ID, sha256 } from '../support/hub-server.js';
import { until } from '../support/until.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const program = path.join(root, 'dist/apps/cli/main.js');
const golden = path.join(root, 'test/fixtures/golden');
const demo = path.join(root, 'models/demo');

let files: Map<string, Buffer>;
let server: HubServer;
let folder: string;

beforeEach(async () => {
  files = new Map();
  for (const name of ['config.json', 'preprocessor_config.json', 'model.safetensors'])
    files.set(name, await readFile(path.join(golden, 'tiny-f32', name)));
  server = await HubServer.start(files);
  folder = await mkdtemp(path.join(tmpdir(), 'model-cli-'));
});
afterEach(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

const weights = () => files.get('model.safetensors') ?? Buffer.alloc(0);
const blobs = () => path.join(folder, 'hub', 'models--someone--detector', 'blobs');
const downloads = () => server.requests.filter(({ host }) => host === 'storage');

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function start(command: string, args: readonly string[], env: Readonly<Record<string, string>>) {
  return spawn(command, args, {
    env: {
      ...process.env,
      HF_ENDPOINT: server.endpoint,
      HF_HOME: folder,
      DATA_DIR: folder,
      NO_COLOR: '1',
      ...env,
    },
  });
}

function end(child: ChildProcess): Promise<Ended> {
  let out = '';
  let err = '';
  child.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString()));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, out, err })));
}

const models = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  end(start(process.execPath, [program, 'models', ...args], env));

async function json<T>(args: readonly string[], env = {}): Promise<T> {
  const { code, out, err } = await models([...args, '--json'], env);
  expect(code, err).toBe(0);
  return JSON.parse(out) as T;
}

describe('models pull', () => {
  it('brings a model and says what it brought; the second time it asks for no file', async () => {
    const first = await models(['pull', MODEL_ID]);
    expect(first.code, first.err).toBe(0);
    expect(first.out).toContain(`commit  ${COMMIT}`);
    expect(first.out).toContain(sha256(weights()));
    expect(first.err).toContain('model.safetensors: 0.7 MB of 0.7 MB\n');
    const pulled = await json(['pull', MODEL_ID, '--revision', COMMIT]);
    expect(pulled).toMatchObject({
      id: MODEL_ID,
      revision: COMMIT,
      folder: path.join(folder, 'hub', 'models--someone--detector', 'snapshots', COMMIT),
      files: [...files]
        .map(([name, content]) => ({ name, bytes: content.length, sha256: sha256(content) }))
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
    });
    expect(downloads()).toHaveLength(1);
  });

  it('shows bars in a terminal', async () => {
    const command = `'${process.execPath}' '${program}' models pull ${MODEL_ID}`;
    const child = start('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
      TERM: 'xterm',
    });
    const { code, out } = await end(child);
    expect(code, out).toBe(0);
    expect(out).toMatch(/model\.safetensors +█+ 100% 0\.7 MB of 0\.7 MB/);
  });

  it('stops on Ctrl-C and is taken up the next time', async () => {
    server.troubles.push({ kind: 'stall', afterBytes: 300_000, times: 1 });
    const child = start(process.execPath, [program, 'models', 'pull', MODEL_ID], {});
    const stopped = end(child);
    const partial = path.join(blobs(), `${sha256(weights())}.incomplete`);
    await until('half of the weights', async () => {
      const { size } = await stat(partial).catch(() => ({ size: 0 }));
      return server.stalledDownloads > 0 && size > 0;
    });
    child.kill('SIGINT');
    expect(await stopped).toMatchObject({
      code: 130,
      err: expect.stringMatching(/stopped \(SIGINT\)\n$/) as string,
    });
    await json(['pull', MODEL_ID]);
    expect(downloads().at(-1)?.range).toMatch(/^bytes=[1-9]\d*-$/);
  });

  it('brings again what is damaged in the cache, but not offline', async () => {
    await json(['pull', MODEL_ID]);
    const blob = path.join(blobs(), sha256(weights()));
    await writeFile(blob, Buffer.alloc(weights().length));
    const offline = await models(['pull', MODEL_ID], { HF_HUB_OFFLINE: '1' });
    expect(offline.code).toBe(65);
    expect(offline.err).toMatch(/model\.safetensors in .* is damaged, and HF_HUB_OFFLINE/);
    const { err } = await models(['pull', MODEL_ID]);
    expect(err).toContain('model.safetensors in the cache is damaged; downloading it again.');
    expect(weights().equals(await readFile(blob))).toBe(true);
  });

  it.each([
    ['an unknown model', ['pull', 'someone/else'], {}, 66, /^There is no someone\/else .*\.\n$/],
    [
      'a folder that is not there',
      ['pull', './gone'],
      {},
      66,
      /^There is no folder "\.\/gone"\.\n$/,
    ],
    [
      'a hub that is not there',
      ['pull', MODEL_ID],
      { HF_ENDPOINT: 'http://127.0.0.1:11' },
      69,
      /^Could not download someone\/detector .*\n$/,
    ],
    [
      'what is not cached',
      ['pull', MODEL_ID],
      { HF_HUB_OFFLINE: '1' },
      66,
      /^.* not complete .*\n$/,
    ],
    ['a word that is no model', ['pull', 'detector'], {}, 64, /^Expected a model as .*\n$/],
    ['an unknown command', ['fetch'], {}, 64, /^unknown command 'fetch'\n$/],
    ['an unknown precision', ['describe', '--dtype', 'int4'], {}, 64, /^option '--dtype .*\n$/],
    ['a wrong variable', ['pull'], { DEVICE: 'tpu' }, 78, /DEVICE: expected cpu, webgpu or cuda/],
  ] as const)('says in one line what is wrong: %s', async (_, args, env, code, message) => {
    const ended = await models(args, env);
    expect(ended).toMatchObject({ code, out: '' });
    expect(ended.err).toMatch(message);
  });
});

describe('models verify', () => {
  it('holds files to the cache’s names and answers to golden numbers', async () => {
    const numbers = path.join(golden, 'golden.json');
    const one = path.join(folder, 'golden.json');
    const { checkpoints } = JSON.parse(await readFile(numbers, 'utf8')) as {
      checkpoints: Record<string, unknown>;
    };
    const own = {
      pictures: path.join(golden, 'pictures'),
      checkpoints: { x: checkpoints['tiny-f32'] },
    };
    await writeFile(one, JSON.stringify(own));
    const { code, out } = await models(['verify', MODEL_ID, '--golden', one]);
    expect(out).toMatch(/file config\.json +│ ok +│ 1\.1 kB, git blob/);
    expect(out).toMatch(/file model\.safetensors +│ ok +│ 0\.7 MB, sha256/);
    expect(out).toMatch(/golden numbers +│ ok +│ \|Δp\| ≤ .* over 17 looks/);
    expect(out).toContain(`${MODEL_ID} (${COMMIT}): verified`);
    expect(code).toBe(0);
  });

  it('ends with 1 when a file of the cache is damaged', async () => {
    await json(['pull', MODEL_ID]);
    await writeFile(path.join(blobs(), sha256(weights())), Buffer.alloc(weights().length));
    const { code, out } = await models(['verify', MODEL_ID], { HF_HUB_OFFLINE: '1' });
    expect(out).toMatch(/file model\.safetensors +│ failed +│ damaged: expected sha256/);
    expect(out).toMatch(/loads +│ failed/);
    expect(out).toContain('NOT verified');
    expect(code).toBe(1);
  });

  it('finds golden numbers in the folder, for lower precisions as well', async () => {
    const found = await json<{ checks: { check: string; outcome: string }[] }>([
      'verify',
      demo,
      '--dtype',
      'int8',
    ]);
    const outcomes = Object.fromEntries(found.checks.map((each) => [each.check, each.outcome]));
    expect(outcomes).toEqual({
      'file config.json': 'unknown',
      'file preprocessor_config.json': 'unknown',
      'file model.safetensors': 'unknown',
      loads: 'ok',
      'against fp32': 'ok',
      'golden numbers': 'ok',
    });
  });

  describe('with golden numbers that are not met', () => {
    const row = { picture: 'grey-200x200.png', crop: null, p_fake: 0.123 };
    const pictures = path.join(golden, 'pictures');
    it.each([
      [{ pictures, checkpoints: { demo: [row] } }, 1, /golden numbers +│ failed +│ \|Δp\| ≤ 0\./],
      [
        { pictures, checkpoints: { demo: [row] }, weights_sha256: { demo: 'abc' } },
        1,
        /failed +│ they are of other weights: sha256 abc, not/,
      ],
      [{ checkpoints: { demo: [row] } }, 1, /failed +│ the picture .*grey-200x200\.png is missing/],
      [{ checkpoints: { one: [row], two: [row] } }, 65, /expected demo or .*, got one, two/],
      [{ checkpoints: { demo: [{ ...row, picture: '../x.png' }] } }, 65, /name of a file/],
    ])('%j', async (numbers, code, message) => {
      const file = path.join(folder, 'numbers.json');
      await writeFile(file, JSON.stringify(numbers));
      const ended = await models(['verify', demo, '--golden', file]);
      expect(ended.out + ended.err).toMatch(message);
      expect(ended.code).toBe(code);
    });
  });
});

describe('models describe', () => {
  it('says what the model is, which label is fake and why', async () => {
    const described = await json(['describe', MODEL_ID, '--dtype', 'int8']);
    expect(described).toMatchObject({
      id: MODEL_ID,
      revision: COMMIT,
      architecture: 'SiglipForImageClassification',
      dtype: 'int8',
      device: 'cpu',
      weights_sha256: sha256(weights()),
      fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
      accuracy: { pictures: 16, bound: 0.01, max_difference: expect.any(Number) as number },
      fake: { label: 'Fake', means: 'fake', because: expect.stringContaining('"fake"') as string },
      stored_as: ['F32'],
      parameters: expect.any(Number) as number,
    });
  });

  it('takes the label that is named, and a model by its alias', async () => {
    const env = { MODELS: `mine=${demo}` };
    const { code, out } = await models(['describe', 'mine', '--fake-label', 'real'], env);
    expect(code).toBe(0);
    expect(out).toMatch(/^labels +0 "Fake", 1 "Real" \(= fake\)$/m);
    expect(out).toMatch(/^fake +"Real": it was named/m);
    expect(out).toMatch(/^accuracy +fp32 is the reference$/m);
  });

  it('refuses a device that is not there', async () => {
    const { code, err } = await models(['describe', demo, '--device', 'cuda']);
    expect(code).toBe(69);
    expect(err).toMatch(/expected DEVICE=cuda to be there/);
  });
});

describe('models bench', () => {
  it('measures every precision beside fp32', async () => {
    const pictures = path.join(folder, 'pictures');
    await cp(path.join(golden, 'pictures'), pictures, { recursive: true });
    const args = ['bench', demo, '--rounds', '2', '--threads', '1', '--pictures', pictures];
    const measured = await json<{ rows: Record<string, unknown>[] }>(args);
    expect(measured).toMatchObject({
      threads: 1,
      rounds: 2,
      pictures: (await readdir(pictures)).length,
      rows: [
        { dtype: 'fp32', times_as_fast: 1, max_difference: null },
        { dtype: 'int8', max_difference: expect.any(Number) as number },
        { dtype: 'int8-fast', max_difference: expect.any(Number) as number },
      ],
    });
  });

  it('leaves out what the model can not be run in, unless it is asked for', async () => {
    const onnx = path.join(golden, 'tiny-onnx');
    const measured = await json<{ rows: Record<string, unknown>[] }>([
      'bench',
      onnx,
      '--rounds',
      '1',
    ]);
    expect(measured.rows.map(({ dtype }) => dtype)).toEqual(['fp32']);
    const asked = await models(['bench', onnx, '--dtype', 'int8']);
    expect(asked.code).toBe(65);
  });
});
