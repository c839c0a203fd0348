import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Sampling } from './contracts/sampling.js';
import { closerRate, nameOf, planCloser, planVideo, sampleTimes } from './segment-plan.js';

const video = (durationSeconds: number, frameRate: number | null = 25, container = 'mp4') => ({
  durationSeconds,
  frameRate,
  container,
});
const samplings: readonly (Sampling | null)[] = [
  null,
  { policy: 'even', frames: 30 },
  { policy: 'even', frames: 2000 },
  { policy: 'fps', fps: 0.1 },
  { policy: 'fps', fps: 1 },
  { policy: 'fps', fps: 30 },
  { policy: 'keyframes', fps: 1 },
  { policy: 'keyframes', fps: 0.3 },
  { policy: 'adaptive', fps: 5 },
];

describe('planVideo', () => {
  it('spreads 30 samples over up to a minute unless asked otherwise', () => {
    expect(planVideo(video(60), null)).toEqual({
      policy: 'even',
      segments: [{ index: 0, startSeconds: 0, endSeconds: 60, firstSample: 0, samples: 30 }],
    });
    expect(planVideo(video(0.4), null).segments).toMatchObject([{ endSeconds: 0.4, samples: 10 }]);
  });

  it('takes a sample a second beyond, a minute at a time', () => {
    const { policy, segments } = planVideo(video(120.5), null);
    expect(policy).toBe('fps');
    expect(segments).toEqual([
      { index: 0, startSeconds: 0, endSeconds: 60, firstSample: 0, samples: 60 },
      { index: 1, startSeconds: 60, endSeconds: 120.5, firstSample: 60, samples: 61 },
    ]);
  });

  it('cuts between even samples, so that few of them are sought and not waded to', () => {
    const { segments } = planVideo(video(3600), { policy: 'even', frames: 30 });
    expect(segments).toHaveLength(30);
    expect(segments[1]).toMatchObject({ startSeconds: 120, endSeconds: 240, samples: 1 });
    expect(segments.flatMap(sampleTimes)).toEqual(
      Array.from({ length: 30 }, (_, i) => (i + 0.5) * 120),
    );
  });

  it('plans no more samples than there are frames', () => {
    const { segments } = planVideo(video(100, 2), { policy: 'fps', fps: 30 });
    expect(segments.reduce((sum, { samples }) => sum + samples, 0)).toBe(200);
  });

  it('finds key frames only where there are such', () => {
    const sampling = { policy: 'keyframes', fps: 1 } as const;
    expect(planVideo(video(100), sampling)).toMatchObject({
      policy: 'keyframes',
      segments: [{ keyFrames: true, samples: 100 }],
    });
    expect(planVideo(video(100, 25, 'gif'), sampling).policy).toBe('fps');
  });

  it('covers all of any video with adjoining segments of bounded size', () => {
    const seconds = fc.double({ min: 0.001, max: 86_400, noNaN: true });
    const rate = fc.option(fc.double({ min: 0.05, max: 240, noNaN: true }));
    fc.assert(
      fc.property(seconds, rate, fc.constantFrom(...samplings), (duration, frameRate, sampling) => {
        const { segments } = planVideo(video(duration, frameRate), sampling);
        expect(segments[0]?.startSeconds).toBe(0);
        expect(segments.at(-1)?.endSeconds).toBe(duration);
        let firstSample = 0;
        let endSeconds = 0;
        // Without an expectation for each of thousands.
        const wrong = segments.filter((segment, i) => {
          const isRight =
            segment.index === i &&
            Math.abs(segment.startSeconds - endSeconds) < 1e-6 &&
            segment.endSeconds > segment.startSeconds &&
            segment.firstSample === firstSample &&
            segment.samples >= 1 &&
            // A rest that is joined may add a few.
            segment.samples <= 200;
          firstSample += segment.samples;
          ({ endSeconds } = segment);
          return !isRight;
        });
        expect(wrong).toEqual([]);
      }),
    );
  });
});

describe('adaptive', () => {
  const adaptive = { policy: 'adaptive', fps: 5 } as const;

  it('looks first as without a wish, and by key frames at what is longer than an hour', () => {
    for (const seconds of [30, 3600])
      expect(planVideo(video(seconds), adaptive).segments).toEqual(
        planVideo(video(seconds), null).segments,
      );
    const { policy, segments } = planVideo(video(3601), adaptive);
    expect(policy).toBe('adaptive');
    expect(segments[0]).toMatchObject({ keyFrames: true, samples: 150 });
  });

  it('adds what the first pass lacks of the rate that was asked for', () => {
    const rate = (seconds: number, frameRate = 25) =>
      closerRate(
        video(seconds, frameRate),
        5,
        planVideo(video(seconds, frameRate), adaptive).segments,
      );
    expect(rate(120)).toBe(4);
    expect(rate(20)).toBe(3.5);
    expect(rate(7200)).toBe(5);
    expect(rate(6)).toBe(0);
    expect(rate(120, 3)).toBe(2);
  });

  it('cuts spans into segments with names and numbers of their own', () => {
    const { segments: first } = planVideo(video(120), adaptive);
    const closer = planCloser(
      [
        [2, 5],
        [30, 90],
      ],
      4,
      first,
    );
    expect(closer.map(({ index, firstSample, samples }) => [index, firstSample, samples])).toEqual([
      [2, 120, 12],
      [3, 132, 120],
      [4, 252, 120],
    ]);
    expect(closer.map(nameOf)).toEqual([
      'closer-2000-5000-12',
      'closer-30000-60000-120',
      'closer-60000-90000-120',
    ]);
    expect(first.map(nameOf)).toEqual([0, 1]);
    expect(closer.at(-1)?.endSeconds).toBe(90);
  });
});
