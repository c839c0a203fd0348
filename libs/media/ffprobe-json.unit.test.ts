import { describe, expect, it } from 'vitest';
import { parseProbe } from './ffprobe-json.js';

/** As ffprobe 5.1 prints them with the arguments of `probeArguments`. */
const video = {
  index: 1,
  codec_name: 'h264',
  codec_type: 'video',
  width: 1280,
  height: 720,
  r_frame_rate: '30/1',
  avg_frame_rate: '30/1',
  start_time: '0.000000',
  duration: '60.000000',
  disposition: { attached_pic: 0 },
  tags: {},
};
const audio = {
  index: 0,
  codec_name: 'aac',
  codec_type: 'audio',
  r_frame_rate: '0/0',
  avg_frame_rate: '0/0',
  start_time: '0.000000',
  duration: '60.000000',
  disposition: { attached_pic: 0 },
};
const cover = {
  index: 2,
  codec_name: 'mjpeg',
  codec_type: 'video',
  width: 64,
  height: 64,
  r_frame_rate: '90000/1',
  avg_frame_rate: '0/0',
  start_time: '0.000000',
  duration: '1.000000',
  disposition: { attached_pic: 1 },
};
const mov = {
  format_name: 'mov,mp4,m4a,3gp,3g2,mj2',
  start_time: '0.000000',
  duration: '60.000000',
  tags: { major_brand: 'isom' },
};
const withStream = (changes: object, format: object = mov) =>
  parseProbe({ programs: [], streams: [{ ...video, ...changes }, audio], format }).video;

describe('parseProbe', () => {
  it('reads a plain MP4', () => {
    expect(parseProbe({ programs: [], streams: [audio, video], format: mov })).toEqual({
      container: 'mp4',
      audioCodec: 'aac',
      durationSeconds: 60,
      video: {
        codec: 'h264',
        width: 1280,
        height: 720,
        durationSeconds: 60,
        startSeconds: 0,
        frameRate: 30,
        variableFrameRate: false,
        streamIndex: 1,
        interlaced: false,
        hdr: null,
        encryptionKeyId: null,
        rotationDegrees: 0,
        mirrored: false,
      },
    });
  });

  it('takes a cover picture for none', () => {
    const found = parseProbe({ streams: [audio, cover], format: { ...mov, duration: '1.0' } });
    expect(found).toMatchObject({ video: null, audioCodec: 'aac', durationSeconds: 1 });
    expect(parseProbe({ streams: [cover, video], format: mov }).video?.codec).toBe('h264');
  });

  it('chooses of several videos as a player does: the default one, then the largest, then the first', () => {
    const chosen = (...streams: object[]) =>
      parseProbe({
        streams: streams.map((each, index) => ({ ...video, ...each, index })),
        format: mov,
      }).video?.streamIndex;
    const small = { width: 320, height: 180 };
    const preferred = { disposition: { default: 1 } };
    expect(chosen(small, {}, {})).toBe(1);
    expect(chosen({}, { ...small, ...preferred })).toBe(1);
    expect(chosen(preferred, { width: 9000, height: 9000, disposition: { attached_pic: 1 } })).toBe(
      0,
    );
    expect(chosen({ ...preferred, codec_name: undefined }, small)).toBe(1);
    expect(chosen({ width: 0, height: 0 }, { width: 0, height: 0 })).toBe(0);
  });

  it('gives the size with square pixels, then upright', () => {
    const matrix = '\n00000000: 0 65536 0\n00000001: -65536 0 0\n00000002: 0 0 1073741824\n';
    const wide = { width: 720, height: 576, sample_aspect_ratio: '64:45' };
    expect(withStream(wide)).toMatchObject({ width: 1024, height: 576 });
    const turned = { ...wide, side_data_list: [{ displaymatrix: matrix }] };
    expect(withStream(turned)).toMatchObject({ width: 576, height: 1024, rotationDegrees: 90 });
  });

  it('tells interlaced and high dynamic range', () => {
    for (const order of ['tt', 'bb', 'tb', 'bt']) {
      expect(withStream({ field_order: order })?.interlaced).toBe(true);
    }
    expect(withStream({ field_order: 'progressive' })?.interlaced).toBe(false);
    expect(withStream({ color_transfer: 'smpte2084' })?.hdr).toBe('pq');
    expect(withStream({ color_transfer: 'arib-std-b67' })?.hdr).toBe('hlg');
    expect(withStream({ color_transfer: 'bt709' })?.hdr).toBeNull();
  });

  it('makes up for the delay of frames that AVI stores in another order', () => {
    const avi = { ...mov, format_name: 'avi' };
    expect(withStream({ has_b_frames: 2 }, avi)?.startSeconds).toBeCloseTo(2 / 30, 6);
    expect(withStream({ has_b_frames: 2 })?.startSeconds).toBe(0);
  });

  it('tells QuickTime from MP4 by its brand', () => {
    const quicktime = { ...mov, tags: { major_brand: 'qt  ' } };
    expect(parseProbe({ streams: [video], format: quicktime }).container).toBe('mov');
    expect(parseProbe({ streams: [], format: { format_name: 'mpegts' } }).container).toBe('mpegts');
  });

  it('gives the upright size', () => {
    const displaymatrix =
      '\n00000000:            0       65536           0\n00000001:       -65536           0           0\n00000002:            0           0  1073741824\n';
    expect(withStream({ side_data_list: [{ displaymatrix, rotation: -90 }] })).toMatchObject({
      width: 720,
      height: 1280,
      rotationDegrees: 90,
    });
    expect(withStream({ tags: { rotate: '180' } })).toMatchObject({
      width: 1280,
      height: 720,
      rotationDegrees: 180,
    });
  });

  it('takes the length from wherever it is told', () => {
    const noDuration = { duration: undefined };
    expect(withStream(noDuration)?.durationSeconds).toBe(60);
    // The other streams begin half a second earlier.
    expect(withStream({ ...noDuration, start_time: '0.500000' })?.durationSeconds).toBe(59.5);
    expect(withStream({ duration: 'N/A' }, { format_name: 'flv' })?.durationSeconds).toBeNull();
    expect(withStream({ duration: '-1' }, { format_name: 'flv' })?.durationSeconds).toBeNull();
  });

  it('knows that Matroska tells when a track ends, not how long it is', () => {
    const tags = { DURATION: '00:01:50.120000000' };
    const matroska = { format_name: 'matroska,webm', start_time: '99.977', duration: '110.12' };
    const late = { duration: undefined, start_time: '100.000000' };
    expect(withStream({ ...late, tags }, matroska)?.durationSeconds).toBeCloseTo(10.12, 9);
    expect(withStream(late, matroska)?.durationSeconds).toBeCloseTo(10.12, 9);
  });

  it('tells variable rates by frames that are left out', () => {
    expect(withStream({ avg_frame_rate: '87/10', r_frame_rate: '25/1' })).toMatchObject({
      frameRate: 8.7,
      variableFrameRate: true,
    });
    expect(withStream({ avg_frame_rate: '2997/100' })?.variableFrameRate).toBe(false);
  });

  it('doesn’t take a clock’s rate for one of frames', () => {
    expect(withStream({ avg_frame_rate: '0/0', r_frame_rate: '90000/1' })).toMatchObject({
      frameRate: null,
      variableFrameRate: true,
    });
    expect(withStream({ avg_frame_rate: '0/0' })?.frameRate).toBe(30);
  });

  it('says when the track’s own header could not be read', () => {
    const unknown = { codec_name: undefined, width: undefined, height: undefined };
    expect(withStream(unknown)).toMatchObject({ codec: null, width: 0, height: 0 });
  });

  it('refuses what is no answer of ffprobe', () => {
    expect(() => parseProbe({})).toThrow();
    expect(() => parseProbe({ streams: 'none' })).toThrow();
  });
});
