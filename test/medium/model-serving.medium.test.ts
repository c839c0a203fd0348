import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { InferenceEngine, Scores } from '../../libs/model/engine.js';
import { PROBE_PICTURES, probePicture } from '../../libs/model/probe-pictures.js';
import { loadEngine } from '../support/local-engine.js';

const run = promisify(execFile);
const fixture = (name: string) =>
  fileURLToPath(new URL(`../fixtures/golden/${name}`, import.meta.url));
const support = (name: string) =>
  fileURLToPath(new URL(`../support/engine/${name}`, import.meta.url));

/** What a process of its own prints; it must end by itself and well. */
async function answerOf<T>(script: string, model: string, ...options: string[]): Promise<T> {
  const { stdout } = await run(process.execPath, [...options, support(script), fixture(model)], {
    timeout: 110_000,
  });
  return JSON.parse(stdout) as T;
}

describe('callers at the same time', () => {
  let cacheDir: string;
  let engine: InferenceEngine;
  beforeAll(async () => {
    cacheDir = await mkdtemp(path.join(tmpdir(), 'serving-'));
    engine = await loadEngine(fixture('tiny-vit'), { cacheDir });
  });
  afterAll(async () => {
    await engine.close();
    await rm(cacheDir, { recursive: true });
  });

  const crops = (from: number, count: number) =>
    Buffer.concat(
      Array.from({ length: count }, (_, i) =>
        probePicture((from + i) % PROBE_PICTURES, engine.description.inputSize),
      ),
    );

  it('get the scores that each gets alone, to the last bit', async () => {
    const calls = [
      [0, 30],
      [5, 1],
      [7, 3],
      [2, 17],
      [11, 1],
      [4, 8],
    ] as const;
    const together = await Promise.all(
      calls.map(([from, count]) => engine.score(crops(from, count), count)),
    );
    for (const [i, [from, count]] of calls.entries())
      expect(together[i]).toEqual(await engine.score(crops(from, count), count));
  });

  it('do not wait for a long one', async () => {
    const order: string[] = [];
    const long = engine.score(crops(0, 400), 400).then(() => order.push('long'));
    const short = engine.score(crops(0, 1), 1).then(() => order.push('short'));
    await Promise.all([long, short]);
    expect(order).toEqual(['short', 'long']);
  });

  it('are left alone when one withdraws', async () => {
    const controller = new AbortController();
    const reason = new Error('cancelled');
    const withdrawn = engine.score(crops(0, 100), 100, {
      signal: controller.signal,
      onProgress: () => controller.abort(reason),
    });
    const other = engine.score(crops(3, 20), 20);
    await expect(withdrawn).rejects.toBe(reason);
    expect(await other).toEqual(await engine.score(crops(3, 20), 20));
  });
});

it('a thread that dies is replaced, and its crops are scored by the next one', async () => {
  interface Answer {
    before: Scores;
    after: Scores;
    notices: string[];
    threads: number;
  }
  const preload = ['--require', support('end-thread.cjs')];
  const answer = await answerOf<Answer>('score-over-a-death.mjs', 'tiny-f32', ...preload);
  expect(answer.after).toEqual(answer.before);
  expect(answer.threads).toBe(2);
  expect(answer.notices).toEqual([
    expect.stringMatching(
      /inference thread died \(worker exited with code: 1\): scoring \d+ crops/,
    ),
  ]);
});

it('closing waits for what is running and ends the process well', async () => {
  expect(await answerOf('close-while-scoring.mjs', 'tiny-f32')).toEqual({
    scored: 40,
    withdrawn: 'withdrawn',
    late: 'expected a model that is not closed',
  });
});

/** Of a process of some 160: what an allocator may keep. If each batch left its 48 KB of crops behind, it were 480. */
const MOST_GROWTH_MB = 16;

it('memory stays flat over 10,000 batches', async () => {
  interface Answer {
    early: number;
    late: number;
  }
  // Else each thread's young generation takes its time to grow, by 16 MB.
  const option = '--max-semi-space-size=2';
  const { early, late } = await answerOf<Answer>(
    'ten-thousand-batches.mjs',
    'tiny-patch14',
    option,
  );
  console.log(`resident: ${early.toFixed(0)} MB before, ${late.toFixed(0)} MB after`);
  expect(late - early).toBeLessThan(MOST_GROWTH_MB);
});
