import { describe, expect, it } from 'vitest';
import { ShortWork } from './short-work.js';

const timeOf = async <T>(work: () => Promise<T>): Promise<[number, T]> => {
  const began = performance.now();
  const value = await work();
  return [performance.now() - began, value];
};
const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

describe('ShortWork', () => {
  it('holds nothing up while there is none', async () => {
    const short = new ShortWork(2);
    await expect(short.run(() => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
    const [waited] = await timeOf(() => Promise.all([short.frame(), short.frame()]));
    expect(waited).toBeLessThan(50);
  });

  it('leaves frames of long media the processors that it does not take', async () => {
    const short = new ShortWork(2);
    short.runs = 1;
    const [waited, done] = await timeOf(() => short.frame());
    expect(waited).toBeLessThan(50);
    const next = timeOf(() => short.frame());
    await sleep(100);
    done();
    const [waitedForIt] = await next;
    expect(waitedForIt).toBeGreaterThan(90);
    expect(waitedForIt).toBeLessThan(400);
  });

  it('is waited for until it is over, and not only between two runs', async () => {
    const short = new ShortWork(1);
    const { work } = short.counting({ work: sleep });
    void work(50).then(() => work(100));
    const [waited] = await timeOf(() => short.frame());
    expect(waited).toBeGreaterThan(190);
    expect(waited).toBeLessThan(400);
  });

  it('is not waited for for ever', async () => {
    const short = new ShortWork(1);
    short.runs = 7;
    const [waited] = await timeOf(() => short.frame());
    expect(waited).toBeGreaterThan(400);
    expect(waited).toBeLessThan(900);
  });
});
