import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseArchitecture } from '../../libs/model/architectures/parse.js';
import { openCheckpoint } from '../../libs/model/checkpoint.js';
import { float32Weights, readFloats } from '../../libs/model/float32-weights.js';
import writeInt8Weights from '../../libs/model/int8-thread.js';
import { readModelJson } from '../../libs/model/json-file.js';
import { parseProcessorConfig } from '../../libs/model/processor-config.js';
import { nearestSteps, QUANTISED, scalesOf } from '../../libs/model/quantise.js';
import { encoderLinearLayers, tensorsOf } from '../../libs/model/vision-transformer.js';
import { openWeights } from '../../libs/model/weights.js';

const method = { equivalent: true, feedback: true };

let cacheDir: string;
beforeAll(async () => {
  cacheDir = await mkdtemp(path.join(tmpdir(), 'int8-weights-'));
});
afterAll(() => rm(cacheDir, { recursive: true }));

async function open(name: string) {
  const folder = fileURLToPath(new URL(`../fixtures/golden/${name}/`, import.meta.url));
  const config = await readModelJson(folder, 'config.json');
  const model = parseArchitecture(config);
  const checkpoint = await openCheckpoint(folder, ['model.safetensors'], tensorsOf(model));
  const exact = await float32Weights(checkpoint, model, cacheDir);
  const processorJson = await readModelJson(folder, 'preprocessor_config.json');
  const processor = parseProcessorConfig(processorJson, config);
  return { model, task: { checkpoint, config, processor, exact } };
}

describe.each(['tiny-f32', 'tiny-bf16', 'tiny-vit-old'])('8-bit weights of %s', (name) => {
  it('are the same whatever the number of threads they are made with', async () => {
    const { task } = await open(name);
    const hashes = [];
    for (const threads of [1, 2, 3]) {
      const target = path.join(cacheDir, `${name}-${threads}.safetensors`);
      await writeInt8Weights({ ...task, target, threads, method });
      hashes.push(
        createHash('sha256')
          .update(await readFile(target))
          .digest('hex'),
      );
    }
    expect(new Set(hashes).size).toBe(1);
  });

  it('are not all the nearest, and come back to the weights with their rests', async () => {
    const { model, task } = await open(name);
    const target = path.join(cacheDir, `${name}.safetensors`);
    await writeInt8Weights({
      ...task,
      target,
      threads: 2,
      method: { ...method, equivalent: false },
    });
    const made = await openWeights(target);
    for (const layer of encoderLinearLayers(model)) {
      const bytes = async (part: keyof typeof QUANTISED) => {
        const tensor = made?.tensors.get(`${layer}${QUANTISED[part]}`);
        const file = await readFile(target);
        const from = tensor?.offset ?? NaN;
        return file.buffer.slice(
          file.byteOffset + from,
          file.byteOffset + from + (tensor?.length ?? NaN),
        );
      };
      const weights = await readFloats(task.checkpoint, `${layer}.weight`);
      const scales = new Float32Array(await bytes('scales'));
      const outputs = scales.length;
      const inputs = weights.length / outputs;
      const values = new Int8Array(await bytes('values'));
      const restValues = new Int8Array(await bytes('restValues'));
      const restScales = new Float32Array(await bytes('restScales'));
      const matrix = { weights, outputs, inputs };
      expect(scales).toEqual(scalesOf(matrix));
      const nearest = nearestSteps(matrix, scales);
      let others = 0;
      let worst = 0;
      for (let n = 0; n < outputs; n += 1) {
        for (let k = 0; k < inputs; k += 1) {
          const at = k * outputs + n;
          if (values[at] !== nearest[n * inputs + k]) others += 1;
          const back = values[at]! * scales[n]! + restValues[at]! * restScales[n]!;
          const lost = Math.abs(back - weights[n * inputs + k]!);
          worst = Math.max(worst, lost / (restScales[n]! * 0.5));
        }
      }
      expect(others / weights.length).toBeGreaterThan(0.02);
      expect(others / weights.length).toBeLessThan(0.9);
      expect(worst).toBeLessThanOrEqual(1.01);
    }
  });
});
