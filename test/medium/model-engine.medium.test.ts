import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InferenceEngine } from '../../libs/model/engine.js';
import { resolveModel } from '../../libs/model/source.js';

const checkpoint = fileURLToPath(new URL('../fixtures/golden/tiny-f32/', import.meta.url));
const CROP_BYTES = 224 * 224 * 3;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'engine-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function load(modelFolder = checkpoint): Promise<InferenceEngine> {
  const hub = { endpoint: 'http://127.0.0.1:9', cacheDir: folder, offline: true };
  const source = { modelId: 'none/none', revision: 'main', path: modelFolder, hub };
  return InferenceEngine.load(await resolveModel(source), { threads: 2, cacheDir: folder });
}

const noise = (count: number) =>
  Uint8Array.from({ length: count * CROP_BYTES }, (_, i) => Math.imul(i, 2654435761) >>> 24);

/** The checkpoint with a change to one of its files. */
async function changed(
  name: string,
  change: (content: Buffer) => Buffer | string,
): Promise<string> {
  const copy = await mkdtemp(path.join(folder, 'changed-'));
  await cp(checkpoint, copy, { recursive: true });
  const file = path.join(copy, name);
  const content = await readFile(file);
  await rm(file);
  await writeFile(file, change(content));
  return copy;
}

/** Safetensors bytes with another first value in one tensor. */
function withFirstWeight(bytes: Buffer, name: string, value: number): Buffer {
  const headerLength = Number(bytes.readBigUInt64LE());
  type Header = Record<string, { data_offsets: [number, number] }>;
  const header = JSON.parse(bytes.subarray(8, 8 + headerLength).toString()) as Header;
  bytes.writeFloatLE(value, 8 + headerLength + (header[name]?.data_offsets[0] ?? NaN));
  return bytes;
}

describe('an engine', () => {
  let engine: InferenceEngine;
  beforeAll(async () => {
    engine = await load();
  });
  afterAll(() => engine.close());

  it('gives a crop the same score beside any other call', async () => {
    const [one, other] = await Promise.all([engine.score(noise(6), 6), engine.score(noise(6), 6)]);
    expect(one).toEqual(other);
  });

  it('stops when aborted, and goes on working afterwards', async () => {
    const controller = new AbortController();
    const reason = new Error('cancelled');
    let done = 0;
    const scoring = engine.score(noise(40), 40, {
      signal: controller.signal,
      onProgress: (count) => {
        done = count;
        controller.abort(reason);
      },
    });
    await expect(scoring).rejects.toBe(reason);
    expect(done).toBeLessThan(40);
    expect((await engine.score(noise(1), 1)).fakeProbabilities).toHaveLength(1);
  });

  it('refuses bytes that are not so many crops', async () => {
    await expect(engine.score(noise(1), 2)).rejects.toThrow(RangeError);
    await expect(engine.score(new Uint8Array(0), 0)).rejects.toThrow(RangeError);
  });
});

describe('loading refuses', () => {
  it.each([
    [
      'a tensor that is cut short',
      'model.safetensors',
      (bytes: Buffer) => bytes.subarray(0, -100),
      /tensor vision_model\..* cut short/,
    ],
    [
      'a tensor that holds NaN',
      'model.safetensors',
      (bytes: Buffer) => withFirstWeight(bytes, 'vision_model.post_layernorm.weight', NaN),
      /vision_model\.post_layernorm\.weight holds NaN/,
    ],
    [
      'a model whose numbers overflow',
      'model.safetensors',
      (bytes: Buffer) => withFirstWeight(bytes, 'vision_model.post_layernorm.weight', 3e38),
      /first forward pass failed: expected finite logits/,
    ],
    [
      'another shape than the configuration says',
      'config.json',
      (text: Buffer) =>
        text.toString().replace('"intermediate_size": 128', '"intermediate_size": 256'),
      /expected tensor .*mlp\.fc1\.weight as \[256, 64\], got \[128, 64\]/,
    ],
    [
      'a processor of another size than the model',
      'preprocessor_config.json',
      (text: Buffer) => text.toString().replaceAll('224', '256'),
      /agree on the picture's size, got 256 and 224/,
    ],
  ])('%s', async (_what, file, change, message) => {
    await expect(load(await changed(file, change))).rejects.toThrow(message);
  });
});
