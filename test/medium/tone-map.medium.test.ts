import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { toneMapFilters } from '../../libs/media/hdr.js';
import { toneMap } from '../../libs/media/tone-map.js';

/** Colours of 8 levels in each channel: one row of each level of red. */
const TRANSFERS = { pq: 'smpte2084', hlg: 'arib-std-b67' };
const LEVELS = 8;
const [width, height] = [LEVELS * LEVELS, LEVELS];
/** What a dark channel of a bright colour may be off: a video's numbers are rounded as luma and chroma. */
const MOST = 10;

describe('a still in HDR', () => {
  it.each(['pq', 'hlg'] as const)(
    'in %s is brought to what ffmpeg makes of a video',
    async (hdr) => {
      const level = (i: number) => Math.round((i * 200) / (LEVELS - 1));
      const pixels = Array.from({ length: width * height }, (_, i) => [
        level(Math.floor(i / width)),
        level(Math.floor(i / LEVELS) % LEVELS),
        level(i % LEVELS),
      ]);
      const data = Uint8Array.from(pixels.flat());
      const filters = [
        'scale=out_color_matrix=bt2020:out_range=tv:flags=accurate_rnd+full_chroma_int+full_chroma_inp',
        'format=yuv444p10le',
        `setparams=colorspace=bt2020nc:color_primaries=bt2020:color_trc=${TRANSFERS[hdr]}:range=tv`,
        ...toneMapFilters(hdr),
        'format=rgb24',
      ];
      const raw = ['-f', 'rawvideo', '-pix_fmt', 'rgb24'];
      const { stdout, stderr } = spawnSync(
        'ffmpeg',
        [
          ...['-v', 'error', ...raw, '-video_size', `${width}x${height}`, '-i', '-'],
          ...['-vf', filters.join(','), ...raw, '-'],
        ],
        { input: data },
      );
      expect(stderr.toString()).toBe('');
      await toneMap({ width, height, channels: 3, data }, hdr);
      const off = [...data].map((value, i) => Math.abs(value - (stdout[i] ?? NaN)));
      expect(off.reduce((sum, each) => sum + each, 0) / off.length).toBeLessThan(0.5);
      expect(Math.max(...off)).toBeLessThanOrEqual(MOST);
    },
  );
});
