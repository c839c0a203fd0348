import { describe, expect, it } from 'vitest';
import {
  inputArguments,
  outputArguments,
  partOf,
  probeArguments,
  showinfoTime,
} from './ffmpeg-arguments.js';

describe('ffmpeg arguments', () => {
  const grid = { startSeconds: 60, endSeconds: 120, samples: 60 };

  it('confine what a file may make ffmpeg open', () => {
    for (const given of [probeArguments('/media/a'), inputArguments(grid, 2)]) {
      expect(given.join(' ')).toMatch(/-protocol_whitelist file -format_whitelist mov,/);
      expect(given.join(' ')).not.toMatch(/concat|hls|image2|lavfi/);
    }
  });

  it('read the span alone', () => {
    expect(inputArguments(grid, 2).slice(-4)).toEqual(['-ss', '60.000000', '-t', '60.000000']);
  });

  it('select before converting, so that only samples are converted', () => {
    const filters = outputArguments(grid, { width: 640, height: 360 }, 0.02).find((given) =>
      given.startsWith('select'),
    );
    expect(filters).toMatch(/^select=.*showinfo.*scale=640:360.*format=rgba$/);
  });
});

describe('partOf', () => {
  it('takes the frame nearest the middle of each part', () => {
    const grid = { startSeconds: 0, endSeconds: 10, samples: 10 };
    const halfFrame = 0.02;
    expect(partOf(0.44, grid, halfFrame)).toBe(-1);
    expect(partOf(0.48, grid, halfFrame)).toBe(0);
    expect(partOf(1.44, grid, halfFrame)).toBe(0);
    expect(partOf(9.52, grid, halfFrame)).toBe(9);
  });
});

describe('showinfoTime', () => {
  it('reads the time of a frame and nothing else', () => {
    const line =
      '[Parsed_showinfo_1 @ 0x55d] n:   3 pts:  46080 pts_time:3.6     duration: 512 fmt:yuv420p cl:left sar:1/1';
    expect(showinfoTime(line)).toBe(3.6);
    expect(showinfoTime('[Parsed_showinfo_1 @ 0x55d] config in time_base: 1/12800')).toBeNull();
    expect(showinfoTime('Stream #0:0: Video: h264')).toBeNull();
  });
});
