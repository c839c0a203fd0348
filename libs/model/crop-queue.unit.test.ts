import { describe, expect, it } from 'vitest';
import { CropQueue } from './crop-queue.js';

/** A queue whose callers' crops are told apart by their bytes: the caller's number, then the crop's. */
function queueOf(...counts: readonly number[]) {
  const queue = new CropQueue();
  const callers = counts.map((count, caller) => {
    const done: string[] = [];
    const failures: string[] = [];
    const withdraw = queue.add(
      count,
      (index) => Uint8Array.of(caller, index),
      (index, logits) => done.push(`${index}:${logits.join()}`),
      (error) => failures.push(error.message),
    );
    return { done, failures, withdraw };
  });
  const take = (most: number) =>
    queue.takeBatch(most).map((crop) => ({ ...crop, name: Array.from(crop.pixels).join('.') }));
  const names = (most: number) => take(most).map(({ name }) => name);
  return { queue, callers, take, names };
}

describe('CropQueue', () => {
  it('takes one crop of each caller in turn', () => {
    const { names, queue } = queueOf(4, 1, 2);
    expect(names(4)).toEqual(['0.0', '1.0', '2.0', '0.1']);
    expect(queue.length).toBe(3);
    expect(names(9)).toEqual(['2.1', '0.2', '0.3']);
    expect(names(9)).toEqual([]);
  });

  it('serves a caller that comes late before the rest of a long one', () => {
    const { names, queue } = queueOf(100);
    names(10);
    queue.add(
      1,
      () => Uint8Array.of(9, 9),
      () => undefined,
      () => undefined,
    );
    expect(names(2)).toEqual(['0.10', '9.9']);
  });

  it('tells each caller its own logits, under its own index', () => {
    const { take, callers } = queueOf(2, 2);
    const batch = take(4).reverse();
    for (const { done, pixels } of batch) done(Float32Array.from(pixels));
    expect(callers.map(({ done }) => done)).toEqual([
      ['1:0,1', '0:0,0'],
      ['1:1,1', '0:1,0'],
    ]);
  });

  it('takes out what a caller withdraws, and nothing of the others', () => {
    const { names, callers, queue } = queueOf(3, 3);
    names(2);
    callers[0]?.withdraw();
    expect(queue.length).toBe(2);
    expect(names(9)).toEqual(['1.1', '1.2']);
    callers[0]?.withdraw();
    expect(queue.length).toBe(0);
  });

  it("fails a crop's caller alone, and takes out the rest of it", () => {
    const { take, names, callers } = queueOf(3, 3);
    take(2)[0]?.fail(new Error('broken'));
    expect(callers.map(({ failures }) => failures)).toEqual([['broken'], []]);
    expect(names(9)).toEqual(['1.1', '1.2']);
  });
});
