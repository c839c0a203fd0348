import { MockActivityEnvironment } from '@temporalio/testing';
import type { SlotReserveContext } from '@temporalio/worker';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ProbedMedia } from '../../../workflows/contracts/activities.js';
import { TurnSlots } from './turn-slots.js';

const context: SlotReserveContext = {
  ...{ slotType: 'activity', taskQueue: 'media/turns', workerIdentity: '', workerBuildId: '' },
  isSticky: false,
};
const picture: ProbedMedia = {
  ...{ mediaType: 'IMAGE', container: null, codec: 'jpeg', width: 9, height: 9, bytes: 9 },
  ...{ durationSeconds: null, frameRate: null, variableFrameRate: false, startSeconds: 0 },
  ...{ rotationDegrees: 0, mirrored: false },
};
const input = {
  input: { kind: 'file', key: 'media/a', sha256: 'a', bytes: 9 },
  mediaType: null,
} as const;

/** Slots, and runs that end when they are told to. */
function slotsFor(most: number) {
  const counts: number[] = [];
  const ends = new Map<string, () => void>();
  const slots = new TurnSlots(
    most,
    ({ runId }) => new Promise((resolve) => ends.set(runId, resolve)),
    (count) => counts.push(count),
  );
  const { signal } = new AbortController();
  const reserve = (abort = signal) => slots.reserveSlot(context, abort);
  /** A run's first step, from its slot to its answer. */
  const take = async (runId: string, probed: ProbedMedia | Error = picture) => {
    const probe = () =>
      probed instanceof Error ? Promise.reject(probed) : Promise.resolve(probed);
    const workflowExecution = { workflowId: runId, runId };
    const activity = new MockActivityEnvironment({ workflowExecution });
    const result = activity.run(slots.takingTurns(probe), input);
    await result.then(
      () => undefined,
      () => undefined,
    );
    slots.releaseSlot();
  };
  const end = async (runId: string) => {
    ends.get(runId)?.();
    await vi.advanceTimersByTimeAsync(0);
  };
  const isOpen = async (poll: Promise<unknown>) => {
    let open = false;
    void poll.then(() => (open = true));
    await vi.advanceTimersByTimeAsync(0);
    return open;
  };
  return { slots, counts, reserve, take, end, isOpen };
}

describe('TurnSlots', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('gives no more turns than there may be runs under way, polls that wait for one included', async () => {
    const { slots, take, end, counts } = slotsFor(2);
    expect(slots.tryReserveSlot()).not.toBeNull();
    expect(slots.tryReserveSlot()).not.toBeNull();
    expect(slots.tryReserveSlot()).toBeNull();
    await take('a');
    expect(slots.tryReserveSlot()).toBeNull();
    await take('b');
    expect(slots.tryReserveSlot()).toBeNull();
    await end('a');
    expect(slots.tryReserveSlot()).not.toBeNull();
    expect(slots.tryReserveSlot()).toBeNull();
    expect(counts).toEqual([1, 2, 1]);
  });

  it('lets a waiting poll begin when a run ends', async () => {
    const { slots, reserve, take, end, isOpen } = slotsFor(1);
    slots.tryReserveSlot();
    await take('a');
    const poll = reserve();
    expect(await isOpen(poll)).toBe(false);
    await end('a');
    expect(await isOpen(poll)).toBe(true);
    slots.releaseSlot();
  });

  it('does not count a medium of many segments, nor one that could not be read', async () => {
    const { slots, take } = slotsFor(1);
    slots.tryReserveSlot();
    await take('long', { ...picture, mediaType: 'VIDEO', durationSeconds: 300, frameRate: 25 });
    expect(slots.tryReserveSlot()).not.toBeNull();
    await take('unreadable', new Error('no medium'));
    expect(slots.tryReserveSlot()).not.toBeNull();
    await take('short', { ...picture, mediaType: 'VIDEO', durationSeconds: 30, frameRate: 25 });
    expect(slots.tryReserveSlot()).toBeNull();
  });

  it('counts a run once, however often its first step is tried', async () => {
    const { slots, take, end, counts } = slotsFor(3);
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      slots.tryReserveSlot();
      await take('a');
    }
    await end('a');
    expect(counts).toEqual([1, 0]);
  });

  it('counts a run for as long as its steps take, but none of which nothing is heard for a minute', async () => {
    const { slots, reserve, take, isOpen } = slotsFor(1);
    slots.tryReserveSlot();
    await take('a');
    const poll = reserve();
    await vi.advanceTimersByTimeAsync(59_000);
    expect(await isOpen(poll)).toBe(false);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(await isOpen(poll)).toBe(true);
  });

  it('lets more begin where other machines have come', async () => {
    const { slots, reserve, isOpen } = slotsFor(1);
    slots.tryReserveSlot();
    const poll = reserve();
    expect(await isOpen(poll)).toBe(false);
    slots.allow(2);
    expect(await isOpen(poll)).toBe(true);
  });

  it('forgets a poll that is no longer wanted', async () => {
    const { slots, reserve } = slotsFor(1);
    slots.tryReserveSlot();
    const stop = new AbortController();
    const poll = reserve(stop.signal);
    stop.abort(new Error('shut down'));
    await expect(poll).rejects.toThrow('shut down');
    slots.releaseSlot();
    expect(slots.tryReserveSlot()).not.toBeNull();
    expect(slots.tryReserveSlot()).toBeNull();
  });
});
