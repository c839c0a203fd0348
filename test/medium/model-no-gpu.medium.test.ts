import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadEngine } from '../support/local-engine.js';
import { useNoGpu } from '../support/software-gpu.js';

const checkpoint = fileURLToPath(new URL('../fixtures/golden/tiny-f32/', import.meta.url));

let cacheDir: string;
beforeAll(async () => {
  useNoGpu();
  cacheDir = await mkdtemp(path.join(tmpdir(), 'no-gpu-'));
});
afterAll(() => rm(cacheDir, { recursive: true }));

it.each([
  ['webgpu', /DEVICE=webgpu.*Vulkan.*brings cpu and webgpu.*DEVICE=cpu/],
  ['cuda', /DEVICE=cuda.*CUDA 12.*brings cpu and webgpu.*DEVICE=cpu/],
] as const)('%s where there is none is an error that says what there is', async (device, words) => {
  const failure = loadEngine(checkpoint, { cacheDir, device });
  await expect(failure).rejects.toMatchObject({ code: 'device_unavailable' });
  await expect(failure).rejects.toThrow(words);
});
