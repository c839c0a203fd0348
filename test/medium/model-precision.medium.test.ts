import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { InferenceEngine } from '../../libs/model/engine.js';
import { PROBE_PICTURES, probePicture } from '../../libs/model/probe-pictures.js';
import { loadEngine } from '../support/local-engine.js';

const fixture = (name: string) =>
  fileURLToPath(new URL(`../fixtures/golden/${name}/`, import.meta.url));

let cacheDir: string;
beforeAll(async () => {
  cacheDir = await mkdtemp(path.join(tmpdir(), 'precision-'));
});
afterAll(() => rm(cacheDir, { recursive: true }));

/** The largest difference from fp32 in the fake probability that each precision promises. */
const PROMISES = [
  ['fp16', 0.005],
  ['int8', 0.01],
  ['int8-fast', 0.1],
] as const;

describe.each(PROMISES)('%s', (dtype, bound) => {
  describe.each(['tiny-f32', 'tiny-bf16', 'tiny-vit-old'])('of %s', (name) => {
    let exact: InferenceEngine;
    let low: InferenceEngine;
    beforeAll(async () => {
      exact = await loadEngine(fixture(name), { cacheDir });
      low = await loadEngine(fixture(name), { cacheDir, dtype });
    });
    afterAll(() => Promise.all([exact.close(), low.close()]));

    const crops = () =>
      Buffer.concat(
        Array.from({ length: PROBE_PICTURES }, (_, i) =>
          probePicture(i, exact.description.inputSize),
        ),
      );

    it('keeps within its bound, measures so when it is loaded, and is not taken for fp32', async () => {
      const high = await exact.score(crops(), PROBE_PICTURES);
      const { fakeProbabilities } = await low.score(crops(), PROBE_PICTURES);
      const worst = Math.max(
        ...fakeProbabilities.map((p, i) => Math.abs(p - (high.fakeProbabilities[i] ?? NaN))),
      );
      expect(worst).toBeLessThanOrEqual(bound);
      expect(worst).toBeGreaterThan(0);
      expect(low.description.accuracy).toMatchObject({ bound, maxDifference: worst });
      expect(low.description.dtype).toBe(dtype);
      expect(low.description.fingerprint).not.toBe(exact.description.fingerprint);
    });

    it('gives a crop the same score alone and among others, to the last bit', async () => {
      const together = await low.score(crops(), PROBE_PICTURES);
      const size = low.description.inputSize;
      for (const index of [0, 7, 15]) {
        const alone = await low.score(probePicture(index, size), 1);
        expect(alone.logits[0]).toEqual(together.logits[index]);
      }
    });
  });
});

describe('a precision that is off by more than its bound', () => {
  /** What an earlier start measured is what counts; here it says that it measured too much. */
  async function withFinding(): Promise<void> {
    const engine = await loadEngine(fixture('tiny-f32'), { cacheDir, dtype: 'int8' });
    await engine.close();
    const file = path.join(cacheDir, `accuracy-${engine.description.fingerprint}.json`);
    const measured = JSON.parse(await readFile(file, 'utf8')) as Record<string, number>;
    await writeFile(file, JSON.stringify({ ...measured, maxDifference: 0.25 }));
  }

  it('is refused, with the ways out', async () => {
    await withFinding();
    const failure = loadEngine(fixture('tiny-f32'), { cacheDir, dtype: 'int8' });
    await expect(failure).rejects.toMatchObject({ code: 'model_inaccurate' });
    await expect(failure).rejects.toThrow(
      /0\.2500.*more than 0\.01.*fp32.*MODEL_ACCURACY_GATE=warn/,
    );
  });

  it('runs where the operator accepts it, and says so', async () => {
    const notices: string[] = [];
    const engine = await loadEngine(fixture('tiny-f32'), {
      cacheDir,
      dtype: 'int8',
      gate: 'warn',
      onNotice: (notice) => notices.push(notice),
    });
    await engine.close();
    expect(notices.join()).toMatch(/0\.2500.*going on/);
    expect(engine.description.accuracy?.maxDifference).toBe(0.25);
  });
});

it('is refused on devices it is not for', async () => {
  const failure = loadEngine(fixture('tiny-f32'), { cacheDir, dtype: 'int8', device: 'webgpu' });
  await expect(failure).rejects.toThrow(/fp32 or fp16 on DEVICE=webgpu, got int8/);
});
