import type { SlotReserveContext } from '@temporalio/worker';
import type { WorkflowInfo } from '@temporalio/workflow';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TurnSlots } from './turn-slots.js';

const context = (isSticky: boolean): SlotReserveContext => ({
  ...{ slotType: 'workflow', taskQueue: 'analyses', workerIdentity: '', workerBuildId: '' },
  isSticky,
});
const shared = context(false);
const own = context(true);

/** Slots, and what the runs that come by them tell. */
function slotsFor(most: number) {
  const runs: number[] = [];
  const slots = new TurnSlots(most, (count) => runs.push(count));
  const tell = (what: 'begun' | 'isShort' | 'left', runId: string) =>
    void slots.sinks.turns[what].fn({ runId } as WorkflowInfo);
  const { signal } = new AbortController();
  /** Whether a poll may be begun, as it would be by now; one that waits goes on waiting. */
  const ask = async (which = shared, abort = signal) => {
    const reserved = slots.reserveSlot(which, abort);
    const permit = await Promise.race([reserved, Promise.resolve(null)]);
    return { permit, reserved };
  };
  const release = (permit: object) => {
    slots.releaseSlot({ permit });
  };
  return { slots, tell, ask, release, runs };
}

describe('TurnSlots', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('fetches no more runs than may be under way, polls that wait for one included', () => {
    const { slots, tell, release, runs } = slotsFor(2);
    const first = slots.tryReserveSlot(shared)!;
    const second = slots.tryReserveSlot(shared)!;
    expect(slots.tryReserveSlot(shared)).toBeNull();
    tell('begun', 'a');
    release(first);
    expect(slots.tryReserveSlot(shared)).toBeNull();
    // A task of something else, or none at all.
    release(second);
    expect(slots.tryReserveSlot(shared)).not.toBeNull();
    expect(slots.tryReserveSlot(shared)).toBeNull();
    expect(runs).toEqual([1]);
  });

  it('lets a waiting poll begin when a run ends, or turns out to be long', async () => {
    const { slots, tell, ask, release } = slotsFor(1);
    for (const end of ['a', 'b']) {
      const permit = slots.tryReserveSlot(shared)!;
      tell('begun', end);
      release(permit);
      const { permit: none, reserved } = await ask();
      expect(none).toBeNull();
      tell('isShort', end);
      tell('left', end);
      release(await reserved);
    }
  });

  it('never holds up the tasks of the runs that it has', () => {
    const { slots, tell } = slotsFor(1);
    tell('begun', 'a');
    expect(slots.tryReserveSlot(shared)).toBeNull();
    for (let i = 0; i < 40; i += 1) expect(slots.tryReserveSlot(own)).not.toBeNull();
    expect(slots.tryReserveSlot(own)).toBeNull();
  });

  it('does not count a run whose first questions nobody answers, nor one that is never heard of again', () => {
    const { slots, tell } = slotsFor(2);
    tell('begun', 'unanswered');
    tell('begun', 'short');
    tell('isShort', 'short');
    expect(slots.tryReserveSlot(shared)).toBeNull();
    vi.advanceTimersByTime(5_100);
    expect(slots.tryReserveSlot(shared)).not.toBeNull();
    expect(slots.tryReserveSlot(shared)).toBeNull();
    vi.advanceTimersByTime(60_000);
    expect(slots.tryReserveSlot(shared)).not.toBeNull();
  });

  it('lets one more begin where all stand still', async () => {
    const { tell, ask } = slotsFor(1);
    tell('begun', 'a');
    tell('isShort', 'a');
    const { permit, reserved } = await ask();
    expect(permit).toBeNull();
    const second = await ask();
    await vi.advanceTimersByTimeAsync(5_100);
    await reserved;
    // Its poll is open: whatever waits is fetched by it.
    await vi.advanceTimersByTimeAsync(30_000);
    expect(await Promise.race([second.reserved, Promise.resolve(null)])).toBeNull();
  });

  it('forgets a poll that is no longer wanted', async () => {
    const { slots, tell, ask } = slotsFor(1);
    tell('begun', 'a');
    const stop = new AbortController();
    const { reserved } = await ask(shared, stop.signal);
    stop.abort(new Error('shut down'));
    await expect(reserved).rejects.toThrow('shut down');
    tell('left', 'a');
    expect(slots.tryReserveSlot(shared)).not.toBeNull();
  });
});
