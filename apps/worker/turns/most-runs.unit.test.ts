import { describe, expect, it } from 'vitest';
import type { LiveWorker } from '../../../libs/platform/fleet.js';
import { taskQueues } from '../../../workflows/contracts/queues.js';
import { mostRuns } from './most-runs.js';

const queues = taskQueues('here-');
const here = { host: 'one', processors: 4, queues };
const worker = (role: LiveWorker['role'], host: string, taskQueue: string): LiveWorker => ({
  ...{ role, state: 'ready', host, pid: 1, model: null, taskQueue, activitySlots: 6, build: null },
});
const media = worker('media', 'one', queues.media);

describe('mostRuns', () => {
  it('is one for each processor, and never less than two', () => {
    expect(mostRuns(here, [])).toBe(4);
    expect(mostRuns({ ...here, processors: 1 }, [media])).toBe(2);
    const beside = worker('inference', 'one', queues.inference);
    expect(mostRuns(here, [media, beside])).toBe(4);
  });

  it('adds what other machines score meanwhile, divided among the media workers', () => {
    const others = [
      worker('inference', 'two', queues.inference),
      worker('inference', 'two', `${queues.inference}-fast`),
    ];
    expect(mostRuns(here, [media, ...others])).toBe(4 + 12);
    expect(mostRuns(here, [media, worker('media', 'three', queues.media), ...others])).toBe(4 + 6);
  });

  it('does not count long media, models that are being loaded and other deployments', () => {
    const others = [
      worker('inference', 'two', `${queues.inference}/batch`),
      worker('inference', 'two', `${queues.inference}-fast/batch`),
      worker('inference', 'two', taskQueues('there-').inference),
      { ...worker('inference', 'two', queues.inference), state: 'loading' } as const,
    ];
    expect(mostRuns(here, [media, ...others])).toBe(4);
  });
});
