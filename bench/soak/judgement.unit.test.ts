import { describe, expect, it } from 'vitest';
import { bounds, findLeaks, type Sample } from './judgement.js';
import type { ProcessSample } from './process-sample.js';
import { plotSvg } from './plot.js';
import { riseOf, theilSenSlope } from './trend.js';

const COUNT = 60;
const EVERY = 30;
/** Noise of -1 to 1 that is the same each time. */
const noise = (i: number) => Math.sin(i * 12.9898) * Math.cos(i * 78.233);

/** A run whose media worker has memory that climbs within the warm-up and then stands still, noise apart. */
function run(
  change: (sample: ProcessSample, i: number) => Partial<ProcessSample> = () => ({}),
): Sample[] {
  return Array.from({ length: COUNT }, (_, i) => {
    const healthy: ProcessSample = {
      pid: 10,
      residentKb: 400_000 + 100_000 * Math.min(1, i / 15) + 15_000 * noise(i),
      anonymousKb: 350_000,
      heapKb: 60_000,
      externalKb: 10_000,
      handles: 20,
      descriptors: 40 + (i % 4),
      threads: 25,
      threadNames: { node: 25 },
      children: 0,
    };
    return {
      analyses: (i + 1) * EVERY,
      seconds: i * 20,
      processes: {
        media: { ...healthy, ...change(healthy, i) },
        temporal: { ...healthy, pid: 11 },
      },
      temporaryFiles: [],
      databaseKb: 1000 * i,
    };
  });
}

describe('findLeaks', () => {
  it('takes a plateau with noise for what it is', () => {
    expect(findLeaks(run(), bounds)).toEqual([]);
  });

  it('finds memory that grows by some kB an analysis, and only where it is judged', () => {
    const leaking = run(({ residentKb }, i) => ({ residentKb: residentKb + 40 * i * EVERY }));
    expect(findLeaks(leaking, bounds)).toEqual([
      expect.stringMatching(/^media: memory grows by \d/),
    ]);
    expect(findLeaks(leaking, { ...bounds, memoryPercent: null })).toEqual([]);
  });

  it('takes memory that climbs and falls back to where it began for none that leaks', () => {
    // As the inference worker's: a fifth more within 1100 analyses, whenever it begins.
    for (let phase = 0; phase < 1100; phase += 100) {
      const sawtooth = run(({ residentKb }, i) => ({
        residentKb: residentKb + 80_000 * (((i * EVERY + phase) % 1100) / 1100),
      }));
      expect(findLeaks(sawtooth, bounds), `phase ${phase}`).toEqual([]);
    }
  });

  it('does not judge the memory of a run that is too short to tell a leak from the warm-up', () => {
    const leaking = run(({ residentKb }, i) => ({ residentKb: residentKb + 400 * i * EVERY }));
    expect(findLeaks(leaking.slice(0, 23), bounds)).toEqual([]);
    expect(findLeaks(leaking, bounds)).toHaveLength(1);
  });

  it('finds descriptors, threads and handles that are not given back', () => {
    const leaking = run(({ descriptors, threads }, i) => ({
      descriptors: descriptors + Math.floor(i / 5),
      threads: threads + Math.floor(i / 5),
      handles: 20 + Math.floor(i / 5),
    }));
    expect(findLeaks(leaking, bounds)).toEqual([
      expect.stringMatching(/^media: [\d.]+ more descriptors /),
      expect.stringMatching(/^media: \d+ more threads /),
      expect.stringMatching(/^media: \d+ more handles /),
    ]);
  });

  it('finds a single child process, a single file and a single restart', () => {
    const child = run((_, i) => ({ children: i === 50 ? 1 : 0 }));
    expect(findLeaks(child, bounds)).toEqual(['media: 1 child processes after 1530 analyses']);
    const restarted = run((_, i) => ({ pid: i === 59 ? 12 : 10 }));
    expect(findLeaks(restarted, bounds)).toEqual(['media: another process after 1800 analyses']);
    const [first, ...rest] = run();
    const file = [{ ...first!, temporaryFiles: ['/tmp/x'] }, ...rest];
    expect(findLeaks(file, bounds)).toEqual(['1 temporary files after 30 analyses, first /tmp/x']);
  });
});

describe('trends', () => {
  it('are not moved by single points that lie far off', () => {
    const line = Array.from({ length: 21 }, (_, x) => ({ x, y: 2 * x + 1 }));
    const disturbed = line.map((point, i) => (i % 5 === 4 ? { ...point, y: 1000 } : point));
    expect(theilSenSlope(line)).toBe(2);
    expect(theilSenSlope(disturbed)).toBeCloseTo(2, 5);
    expect(riseOf([1, 1, 1, 5, 5, 5, 2, 2, 2])).toBe(1);
  });
});

describe('plotSvg', () => {
  it('draws a line for each process in each panel that has its values', () => {
    const svg = plotSvg(run());
    expect(svg.match(/<path /g)).toHaveLength(8);
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  });
});
