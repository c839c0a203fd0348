import { describe, expect, it } from 'vitest';
import type { LiveWorker } from '../../../libs/platform/fleet.js';
import { taskQueues } from '../../../workflows/contracts/queues.js';
import { hasModel, sortWorkers, withheldFrom, workersOf, type Fleet } from './fleet.js';

const worker = (taskQueue: string, state: LiveWorker['state'] = 'ready'): LiveWorker => ({
  role: taskQueue.includes('media') ? 'media' : 'inference',
  state,
  host: 'host',
  pid: 1,
  taskQueue,
  activitySlots: 3,
  build: null,
  model: null,
});
const sort = (...workers: LiveWorker[]): Fleet => ({
  seenAt: 0,
  reachable: true,
  withheld: null,
  ...sortWorkers(workers, taskQueues('a-'), ['default', 'loading', 'x']),
});

describe('sortWorkers', () => {
  it('knows each model by its queue, and other deployments not at all', () => {
    const fleet = sort(
      worker('a-inference'),
      worker('a-inference-x'),
      worker('a-inference-x'),
      worker('a-media'),
      worker('inference'),
      worker('b-media'),
      worker('a-inference-gone'),
    );
    expect(workersOf(fleet, 'default').ready).toHaveLength(1);
    expect(workersOf(fleet, 'x').ready).toHaveLength(2);
    expect(workersOf(fleet, 'gone').ready).toHaveLength(0);
    expect(fleet.media).toHaveLength(1);
    const beside = ['a-media/batch', 'media/batch', 'a-media/turns', 'b-media/turns'];
    expect([...sort(...beside.map((queue) => worker(queue))).sideQueues]).toEqual([
      'a-media/batch',
      'a-media/turns',
    ]);
  });

  it('takes a worker that loads for no other model’s, whatever the aliases are', () => {
    const fleet = sort(worker('a-inference/loading', 'loading'));
    expect(hasModel(fleet)).toBe(false);
    expect(workersOf(fleet, 'default').loading).toHaveLength(1);
    expect(workersOf(fleet, 'loading')).toEqual({ ready: [], loading: [] });
    expect(hasModel(sort(worker('a-inference-loading')))).toBe(true);
  });
});

describe('withheldFrom', () => {
  const of = (build: string | null) => ({ build });
  const versioned = new Set(['a 1', 'a 2']);

  it('nobody while the current build has a worker, or one without versioning where none is current', () => {
    expect(withheldFrom([of('a 1'), of('a 2')], { receiving: ['a 2'], versioned })).toBeNull();
    expect(withheldFrom([of(null)], { receiving: [null], versioned })).toBeNull();
    // It names its build and leaves versioning alone.
    expect(withheldFrom([of('b 1')], { receiving: [null], versioned })).toBeNull();
    expect(withheldFrom([of('a 2')], { receiving: [null, 'a 2'], versioned })).toBeNull();
    expect(withheldFrom([], { receiving: [null], versioned })).toBeNull();
  });

  it('all where none is current, or the current one has no worker', () => {
    expect(withheldFrom([of('a 1')], { receiving: [null], versioned })).toBe('no_current_build');
    expect(withheldFrom([of('a 1')], { receiving: ['a 2'], versioned })).toBe('current_build_away');
    expect(withheldFrom([of(null)], { receiving: ['a 2'], versioned })).toBe('current_build_away');
  });
});
