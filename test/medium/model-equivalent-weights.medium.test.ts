import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseArchitecture } from '../../libs/model/architectures/parse.js';
import { calibrate } from '../../libs/model/calibration/calibration.js';
import {
  EquivalentWeights,
  type ReadTensor,
} from '../../libs/model/calibration/equivalent-weights.js';
import { LayersInOrder } from '../../libs/model/calibration/layers-in-order.js';
import { openCheckpoint } from '../../libs/model/checkpoint.js';
import { float32Weights, readFloats } from '../../libs/model/float32-weights.js';
import { readModelJson } from '../../libs/model/json-file.js';
import { PROBE_PICTURES, probePicture } from '../../libs/model/probe-pictures.js';
import { parseProcessorConfig } from '../../libs/model/processor-config.js';
import { writeSafetensors } from '../../libs/model/safetensors-file.js';
import { tensorsOf } from '../../libs/model/vision-transformer.js';
import { loadEngine } from '../support/local-engine.js';

let cacheDir: string;
beforeAll(async () => {
  cacheDir = await mkdtemp(path.join(tmpdir(), 'equivalent-'));
});
afterAll(() => rm(cacheDir, { recursive: true }));

const fixture = (name: string) =>
  fileURLToPath(new URL(`../fixtures/golden/${name}/`, import.meta.url));

async function open(folder: string) {
  const config = await readModelJson(folder, 'config.json');
  const model = parseArchitecture(config);
  const checkpoint = await openCheckpoint(folder, ['model.safetensors'], tensorsOf(model));
  const processorJson = await readModelJson(folder, 'preprocessor_config.json');
  const processor = parseProcessorConfig(processorJson, config);
  const exact = await float32Weights(checkpoint, model, cacheDir);
  const read: ReadTensor = (name) => readFloats(checkpoint, name);
  const layers = () => new LayersInOrder(calibrate(model, processor, exact, 2));
  return { model, read, layers };
}

/** A checkpoint of the same shape with the tensors that `read` gives. */
async function write(from: string, name: string, read: ReadTensor): Promise<string> {
  const { model } = await open(from);
  const folder = path.join(cacheDir, name);
  await mkdir(folder, { recursive: true });
  for (const file of ['config.json', 'preprocessor_config.json'])
    await cp(path.join(from, file), path.join(folder, file));
  await writeSafetensors(
    path.join(folder, 'model.safetensors'),
    tensorsOf(model).map(({ name: tensor, shape }) => ({
      name: tensor,
      dtype: 'F32',
      shape,
      bytes: async () => new Uint8Array((await read(tensor)).buffer),
    })),
  );
  return folder;
}

/**
 * The same model with a few channels of its layer norms 32 times as large, and the weights that they are multiplied with that
 * much smaller: what published checkpoints have, and 8 bits suffer from.
 */
async function withOutliers(from: string): Promise<string> {
  const { model, read } = await open(from);
  const norms = new Map<string, string[]>();
  for (let index = 0; index < model.layers; index += 1) {
    const names = model.tensors.layer(index);
    norms.set(names.attentionNorm, [names.query, names.key, names.value]);
    norms.set(names.mlpNorm, [names.mlpUp]);
  }
  const isOutlier = (channel: number) => channel % 29 === 5;
  return write(from, `${path.basename(from)}-outliers`, async (tensor) => {
    const values = await read(tensor);
    const layer = tensor.slice(0, tensor.lastIndexOf('.'));
    const columns = model.hiddenSize;
    if (norms.has(layer)) return values.map((value, i) => (isOutlier(i) ? value * 32 : value));
    const isFed = tensor.endsWith('.weight') && [...norms.values()].flat().includes(layer);
    return isFed ? values.map((v, i) => (isOutlier(i % columns) ? v / 32 : v)) : values;
  });
}

async function fakeProbabilities(
  folder: string,
  dtype: 'fp32' | 'int8',
): Promise<readonly number[]> {
  const engine = await loadEngine(folder, { cacheDir, dtype, gate: 'warn' });
  const { inputSize } = engine.description;
  const pictures = Array.from({ length: PROBE_PICTURES }, (_, i) => probePicture(i, inputSize));
  const answer = await engine.score(Buffer.concat(pictures), PROBE_PICTURES);
  await engine.close();
  return answer.fakeProbabilities;
}

const worst = (a: readonly number[], b: readonly number[]) =>
  Math.max(...a.map((p, i) => Math.abs(p - (b[i] ?? NaN))));

const names = ['tiny-f32', 'tiny-bf16', 'tiny-vit', 'tiny-vit-old'];

describe.each(names)('the equivalent weights of %s', (name) => {
  it.each(['as it is', 'with outliers'])(
    'give the same answers, from other inputs: %s',
    async (kind) => {
      const from = kind === 'as it is' ? fixture(name) : await withOutliers(fixture(name));
      const { model, read, layers } = await open(from);
      const equivalent = new EquivalentWeights(model, read, layers());
      const folder = await write(from, `${name}-equivalent`, (tensor) => equivalent.read(tensor));
      const here = await fakeProbabilities(from, 'fp32');
      expect(worst(await fakeProbabilities(folder, 'fp32'), here)).toBeLessThan(1e-5);

      const { layers: after } = await open(folder);
      const now = after();
      const before = layers();
      for (let index = 0; index < model.layers; index += 1) {
        const { query, attentionOutput, mlpUp } = model.tensors.layer(index);
        const changed = model.hasQkvBias ? [query, attentionOutput, mlpUp] : [mlpUp];
        for (const layer of changed) {
          const [a, b] = [await before.of(layer), await now.of(layer)];
          const size = (values: Float32Array) => Math.max(...values.map(Math.abs));
          if (model.hasQkvBias || layer === mlpUp)
            expect(size(b.mean)).toBeLessThan(0.001 * size(a.mean));
          const spreads = Array.from(b.mean, (_, i) =>
            Math.sqrt(b.moments[i * (b.mean.length + 1)]!),
          );
          const middle = spreads.toSorted((x, y) => x - y)[spreads.length >> 1]!;
          expect(Math.max(...spreads) / middle).toBeLessThan(4.01);
        }
      }
    },
  );
});

it.each(names)('8 bits of %s keep their bound where the checkpoint has outliers', async (name) => {
  const folder = await withOutliers(fixture(name));
  const exact = await fakeProbabilities(folder, 'fp32');
  expect(worst(await fakeProbabilities(folder, 'int8'), exact)).toBeLessThan(0.01);
});
