import { describe, expect, it } from 'vitest';
import type { Analysis } from './api-client.js';
import { progressOf } from './progress.js';

const running = (progress: Partial<NonNullable<Analysis['progress']>>): Analysis => ({
  id: 'a',
  status: 'running',
  progress: {
    stage: 'analysing',
    segments_total: 1,
    segments_extracted: 0,
    segments_scored: 0,
    frames_scored: 0,
    ...progress,
  },
  links: { self: '' },
});

describe('progressOf', () => {
  it('goes from queued to done', () => {
    const steps = [
      { ...running({}), progress: null },
      running({ stage: 'describing', segments_total: null }),
      running({}),
      running({ segments_extracted: 1 }),
      running({ segments_extracted: 1, segments_scored: 1, stage: 'aggregating' }),
      { ...running({}), status: 'succeeded' },
    ].map(progressOf);
    expect(steps.map(({ text }) => text)).toEqual([
      'queued',
      'probing',
      'finding faces',
      'scoring faces',
      'putting together',
      'done',
    ]);
    const fractions = steps.map(({ fraction }) => fraction);
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    expect(fractions.at(-1)).toBe(1);
  });

  it('counts segments where there are several', () => {
    const middle = running({ segments_total: 4, segments_extracted: 2, segments_scored: 2 });
    expect(progressOf(middle).text).toBe('finding faces, 2 of 4 segments done');
  });
});
