import { describe, expect, it } from 'vitest';
import { ShortWork } from './short-work.js';

const timeOf = async (work: () => Promise<void>) => {
  const began = performance.now();
  await work();
  return performance.now() - began;
};
const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

describe('ShortWork', () => {
  it('holds nothing up while there is none', async () => {
    const short = new ShortWork();
    await expect(short.run(() => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
    expect(await timeOf(() => short.pause())).toBeLessThan(50);
  });

  it('is waited for until the last of it ends', async () => {
    const short = new ShortWork();
    const { work } = short.counting({ work: sleep });
    void work(20);
    const long = work(100);
    const waited = await timeOf(() => short.pause());
    expect(waited).toBeGreaterThan(60);
    expect(waited).toBeLessThan(190);
    await long;
  });

  it('is not waited for for ever', async () => {
    const short = new ShortWork();
    const work = short.run(() => sleep(600));
    const waited = await timeOf(() => short.pause());
    expect(waited).toBeGreaterThan(150);
    expect(waited).toBeLessThan(500);
    await work;
  });
});
