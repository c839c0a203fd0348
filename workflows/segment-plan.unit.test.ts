import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Sampling } from './contracts/sampling.js';
import { planVideo, sampleTimes } from './segment-plan.js';

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
        for (const [i, segment] of segments.entries()) {
          expect(segment.index).toBe(i);
          expect(segment.endSeconds).toBeGreaterThan(segment.startSeconds);
          expect(segment.startSeconds).toBeCloseTo(segments[i - 1]?.endSeconds ?? 0, 6);
          expect(segment.firstSample).toBe(firstSample);
          expect(segment.samples).toBeGreaterThanOrEqual(1);
          // A rest that is joined may add a few.
          expect(segment.samples).toBeLessThanOrEqual(200);
          firstSample += segment.samples;
        }
      }),
    );
  });
});
