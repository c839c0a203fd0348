import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { InferenceEngine } from '../../libs/model/engine.js';
import { PROBE_PICTURES, probePicture } from '../../libs/model/probe-pictures.js';
import { loadEngine } from '../support/local-engine.js';
import { useSoftwareGpu } from '../support/software-gpu.js';

const checkpoint = fileURLToPath(new URL('../fixtures/golden/tiny-f32/', import.meta.url));

/** How far a fake probability on the GPU may be from the CPU's. */
const TOLERANCE = 1e-4;

describe('WebGPU, on a GPU in software', () => {
  let cacheDir: string;
  let cpu: InferenceEngine;
  let gpu: InferenceEngine;
  beforeAll(async () => {
    useSoftwareGpu();
    cacheDir = await mkdtemp(path.join(tmpdir(), 'webgpu-'));
    cpu = await loadEngine(checkpoint, { cacheDir });
    gpu = await loadEngine(checkpoint, { cacheDir, device: 'webgpu' });
  });
  afterAll(async () => {
    await Promise.all([cpu.close(), gpu.close()]);
    await rm(cacheDir, { recursive: true });
  });

  const pictures = (size: number) =>
    Array.from({ length: PROBE_PICTURES }, (_, i) => probePicture(i, size));

  it('gives the same fake probabilities as the CPU', async () => {
    const crops = Buffer.concat(pictures(cpu.description.inputSize));
    const here = await cpu.score(crops, PROBE_PICTURES);
    const there = await gpu.score(crops, PROBE_PICTURES);
    const differences = here.fakeProbabilities.map((p, i) =>
      Math.abs(p - (there.fakeProbabilities[i] ?? NaN)),
    );
    const worst = Math.max(...differences);
    console.log(`largest difference between WebGPU and CPU: ${worst.toExponential(1)}`);
    expect(worst).toBeLessThanOrEqual(TOLERANCE);
  });

  it('gives a crop the same score alone and among others, to the last bit', async () => {
    const crops = pictures(gpu.description.inputSize).slice(0, 5);
    const together = await gpu.score(Buffer.concat(crops), crops.length);
    const alone = await gpu.score(crops[3] ?? new Uint8Array(0), 1);
    expect(alone.fakeProbabilities[0]).toBe(together.fakeProbabilities[3]);
  });

  it('says what it is, and is not taken for the CPU', () => {
    expect(gpu.description).toMatchObject({ device: 'webgpu', dtype: 'fp32', accuracy: null });
    expect(gpu.description.fingerprint).not.toBe(cpu.description.fingerprint);
  });

  it('refuses half precision where the GPU has none', async () => {
    const failure = loadEngine(checkpoint, { cacheDir, device: 'webgpu', dtype: 'fp16' });
    await expect(failure).rejects.toMatchObject({ code: 'device_unavailable' });
    await expect(failure).rejects.toThrow(/half precision.*MODEL_DTYPE=fp32/);
  });
});
