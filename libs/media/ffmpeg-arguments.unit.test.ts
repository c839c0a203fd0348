import { describe, expect, it } from 'vitest';
import {
  decodeInputArguments,
  decodeOutputArguments,
  orientationFilters,
  packetArguments,
  probeArguments,
  type DecodePlan,
} from './ffmpeg-arguments.js';
import { UPRIGHT } from './orientation.js';

const plan: DecodePlan = {
  seekSeconds: 60.5,
  choice: { kind: 'targets', targetMicros: [60_501_000.5, 61_501_000.5], rateKnown: true },
  storedWidth: 640,
  storedHeight: 360,
  orientation: UPRIGHT,
  ...{ streamIndex: 1, interlaced: false, hdr: null },
  threads: 2,
  maxStreams: 100,
};
const graphOf = (changes: Partial<DecodePlan>) => {
  const given = decodeOutputArguments({ ...plan, ...changes });
  return given[given.indexOf('-vf') + 1];
};

describe('arguments', () => {
  it.each([
    ['probe', probeArguments(100)],
    ['packets', packetArguments(100, 1)],
    ['decode', decodeInputArguments(plan)],
  ])('of %s confine what a file may make it open', (_, given) => {
    const line = given.join(' ');
    expect(line).toMatch(/-protocol_whitelist file -format_whitelist mov,matroska,\S* -probesize/);
    expect(line).toContain(' -max_streams 100');
    expect(line).not.toMatch(/concat|hls|dash|image2|lavfi|sdp|https?/);
  });

  it('seek on the container clock, or not at all', () => {
    const line = decodeInputArguments(plan).join(' ');
    expect(line).toMatch(/-noaccurate_seek -copyts -seek_timestamp 1 -ss 60\.500000$/);
    expect(decodeInputArguments({ ...plan, seekSeconds: null })).not.toContain('-ss');
  });

  it('give key frames one thread', () => {
    const choice = { kind: 'key_frames', fromMicros: 0, toMicros: 9e6, stepMicros: 1e6 } as const;
    expect(decodeInputArguments({ ...plan, choice }).join(' ')).toMatch(/ -threads 1 /);
  });

  it('bound the threads', () => {
    expect(decodeInputArguments({ ...plan, threads: 3 }).join(' ')).toMatch(/ -threads 3 /);
  });

  it('choose frames before converting and turning them', () => {
    const orientation = { rotationDegrees: 90, mirrored: false } as const;
    expect(graphOf({ orientation })?.replaceAll(/'[^']*'/g, "'…'")).toBe(
      [
        'settb=1/1000000',
        'metadata=mode=add:key=stage:value=decoded',
        'metadata=mode=print:key=stage:file=pipe\\\\:3:direct=1',
        "setpts='…'",
        'tpad=stop=2:stop_mode=clone',
        'fps=1000000:start_time=0',
        'trim=end_frame=2',
        'metadata=mode=modify:key=stage:value=chosen',
        'metadata=mode=print:key=stage:file=pipe\\\\:3:direct=1',
        'scale=640:360:flags=bilinear+accurate_rnd+full_chroma_int+bitexact',
        'format=rgb24',
        'transpose=clock',
      ].join(','),
    );
  });

  it('take the chosen stream, and any with pictures where none is known', () => {
    expect(decodeOutputArguments(plan).slice(0, 2)).toEqual(['-map', '0:1']);
    const unknown = { ...plan, streamIndex: null };
    expect(decodeOutputArguments(unknown).slice(0, 2)).toEqual(['-map', '0:V:0']);
  });

  it('make one moment of two fields before frames are chosen, in pictures of one size', () => {
    expect(graphOf({ interlaced: true })).toMatch(
      /^scale=640:360:\S*:interl=-1,bwdif=mode=send_frame:deint=interlaced,settb=/,
    );
  });

  it.each([
    ['pq', 'smpte2084'],
    ['hlg', 'arib-std-b67'],
  ] as const)('bring %s into the range of a display, chosen frames only', (hdr, transfer) => {
    const graph = graphOf({ hdr }) ?? '';
    expect(graph).toMatch(
      new RegExp(`trim=.*,format=yuv444p10le,zscale=tin=${transfer}:.*tonemap=.*,format=rgb24`),
    );
  });

  it('write the targets out for the filter', () => {
    expect(graphOf({})).toContain("setpts='if(gt(PTS,61501000.5),2,if(gt(PTS,60501000.5),1,0))'");
  });

  it('don’t pad the end of a video whose rate is unknown', () => {
    const choice = { kind: 'targets', targetMicros: [1.5], rateKnown: false } as const;
    expect(graphOf({ choice })).not.toContain('tpad');
  });

  it('end with the last target', () => {
    expect(decodeOutputArguments(plan).join(' ')).toMatch(
      /-frames:v 2 .*-f rawvideo -pix_fmt rgb24$/,
    );
  });

  it('decode key frames alone, of each part of the span the first', () => {
    const choice = {
      kind: 'key_frames',
      fromMicros: 59_999_000,
      toMicros: 119_999_000,
      stepMicros: 1_000_000,
    } as const;
    const line = decodeInputArguments({ ...plan, choice }).join(' ');
    expect(line).toContain('-skip_frame nokey');
    expect(decodeInputArguments(plan).join(' ')).not.toContain('nokey');
    expect(decodeOutputArguments({ ...plan, choice })).not.toContain('-frames:v');
    expect(graphOf({ choice })).toContain(
      "trim=end_pts=119999000,select='gte(pts,59999000)*(isnan(prev_selected_pts)+" +
        "gt(floor((pts-59999000)/1000000),floor((prev_selected_pts-59999000)/1000000)))'",
    );
  });

  it('turn a picture upright', () => {
    expect(orientationFilters(UPRIGHT)).toEqual([]);
    expect(orientationFilters({ rotationDegrees: 180, mirrored: false })).toEqual([
      'hflip',
      'vflip',
    ]);
    expect(orientationFilters({ rotationDegrees: 270, mirrored: true })).toEqual([
      'transpose=clock_flip',
    ]);
  });
});
