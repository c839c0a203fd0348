import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InferenceEngine, type EngineOptions } from '../../libs/model/engine.js';
import { resolveModel } from '../../libs/model/source.js';
import { COMMIT, HubServer, MODEL_ID } from '../support/hub-server.js';
import { loadEngine } from '../support/local-engine.js';

const golden = fileURLToPath(new URL('../fixtures/golden/', import.meta.url));
const repository = path.join(golden, 'tiny-onnx');
const SIZE = 384;
const CONFIGS = ['config.json', 'preprocessor_config.json'];

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'onnx-repository-'));
});
afterEach(() => rm(folder, { recursive: true }));

const load = (modelFolder: string, options: Partial<EngineOptions> = {}) =>
  loadEngine(modelFolder, { threads: 1, cacheDir: folder, ...options });

/** Logits of a picture that the tests make up. */
async function logitsOf(engine: InferenceEngine): Promise<readonly (readonly number[])[]> {
  const picture = Uint8Array.from(
    { length: SIZE * SIZE * 3 },
    (_, i) => Math.imul(i, 2654435761) >>> 24,
  );
  try {
    return (await engine.score(picture, 1)).logits;
  } finally {
    await engine.close();
  }
}

describe('a repository with only ONNX files', () => {
  it('says what runs it', async () => {
    const engine = await load(repository);
    expect(engine.description).toMatchObject({
      architecture: 'ConvNextForImageClassification',
      graphBuilder: 'transformers.js-4.3.1',
      inputSize: SIZE,
      labels: ['Real', 'Fake', 'Edited'],
      fakeLabel: 'Fake',
      dtype: 'fp32',
      device: 'cpu',
    });
    await engine.close();
  });

  it.each([
    ['one file', 'tiny-onnx', ['onnx/model.onnx']],
    ['a file for its weights', 'tiny-onnx-split', ['onnx/model.onnx', 'onnx/model.onnx_data']],
  ])(
    'comes from the hub as %s, runs through the links of its cache, and is not run when damaged',
    async (_what, name, graphFiles) => {
      const files = new Map<string, Buffer>();
      for (const file of CONFIGS) files.set(file, await readFile(path.join(repository, file)));
      for (const file of graphFiles) files.set(file, await readFile(path.join(golden, name, file)));
      const server = await HubServer.start(files);
      try {
        const source = {
          modelId: MODEL_ID,
          revision: 'main',
          hub: { endpoint: server.endpoint, cacheDir: path.join(folder, 'cache'), offline: false },
        };
        const model = await resolveModel(source);
        expect(model.revision).toBe(COMMIT);
        const options = { threads: 1, cacheDir: folder };
        const asked = server.requests.length;
        expect(await logitsOf(await InferenceEngine.load(model, options))).toEqual(
          await logitsOf(await load(repository)),
        );
        expect(server.requests).toHaveLength(asked);

        const last = graphFiles.at(-1) ?? '';
        await writeFile(path.join(model.folder, last), 'damaged');
        await expect(InferenceEngine.load(model, options)).rejects.toThrow(
          `expected the SHA-256 of ${last} to be`,
        );
      } finally {
        await server.stop();
      }
    },
  );
});

/** Another name of the same length, wherever it stands in the graph. */
const renamed = (from: string, to: string) => (bytes: Buffer) =>
  Buffer.from(bytes.toString('latin1').replaceAll(from, to), 'latin1');

describe('loading a repository with only ONNX files refuses', () => {
  it.each([
    [
      'a graph with another input',
      'onnx/model.onnx',
      renamed('pixel_values', 'pixel_colour'),
      'model_unsupported',
      /onnx\/model\.onnx to have the one input pixel_values, got \["pixel_colour"\]/,
    ],
    [
      'a graph with another output',
      'onnx/model.onnx',
      renamed('logits', 'scores'),
      'model_unsupported',
      /onnx\/model\.onnx to have an output named logits, got \["scores"\]/,
    ],
    [
      'a graph that is cut short',
      'onnx/model.onnx',
      (bytes: Buffer) => bytes.subarray(0, -1000),
      'model_invalid',
      /expected onnx\/model\.onnx to be a graph that ONNX Runtime can run/,
    ],
    [
      'another number of labels than logits',
      'config.json',
      (text: Buffer) => text.toString().replace(/,\s*"2": "Edited"/, ''),
      'model_unsupported',
      /logits as float32 of \[batch, 2\], as many as config\.json has labels, got .*3/,
    ],
    [
      'another size than the graph has',
      'preprocessor_config.json',
      (text: Buffer) => text.toString().replace('384', '448'),
      'model_unsupported',
      /pixel_values as float32 of \[batch, 3, 448, 448\]/,
    ],
    [
      'pictures that would be cropped',
      'preprocessor_config.json',
      (text: Buffer) => text.toString().replace('384', '224'),
      'model_unsupported',
      /size of preprocessor_config\.json/,
    ],
    [
      'a configuration that names no architecture',
      'config.json',
      (text: Buffer) => text.toString().replace('architectures', 'else'),
      'model_unsupported',
      /architectures of config\.json to be a list of names, got nothing/,
    ],
  ])('%s', async (_what, name, change, code, message) => {
    const copy = path.join(folder, 'changed');
    await cp(repository, copy, { recursive: true });
    const file = path.join(copy, name);
    await writeFile(file, change(await readFile(file)));
    const failure = load(copy);
    await expect(failure).rejects.toMatchObject({ name: 'ModelError', code });
    await expect(failure).rejects.toThrow(message);
  });

  it('weights that are not where the graph says', async () => {
    const copy = path.join(folder, 'split');
    await cp(path.join(golden, 'tiny-onnx-split'), copy, { recursive: true });
    for (const name of CONFIGS) await cp(path.join(repository, name), path.join(copy, name));
    await rm(path.join(copy, 'onnx/model.onnx_data'));
    const failure = load(copy);
    await expect(failure).rejects.toMatchObject({ code: 'model_invalid' });
    await expect(failure).rejects.toThrow(/model\.onnx_data/);
  });

  it('any precision but its own', async () => {
    const failure = load(repository, { dtype: 'int8' });
    await expect(failure).rejects.toMatchObject({ code: 'model_unsupported' });
    await expect(failure).rejects.toThrow(/expected MODEL_DTYPE=fp32 .* got int8/);
  });

  it('a device that is not there, instead of taking another', async () => {
    const failure = load(repository, { device: 'cuda' });
    await expect(failure).rejects.toMatchObject({ code: 'device_unavailable' });
    await expect(failure).rejects.toThrow(/expected DEVICE=cuda to be there/);
  });
});
