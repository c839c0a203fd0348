import { describe, expect, it } from 'vitest';
import { parseProbe } from './ffprobe-json.js';

const stream = {
  codec_type: 'video',
  codec_name: 'h264',
  width: 1280,
  height: 720,
  avg_frame_rate: '30000/1001',
};
const format = { format_name: 'mov,mp4', duration: '20.5', start_time: '0.0' };

describe('parseProbe', () => {
  it('reads the first stream that is not a cover picture', () => {
    const cover = {
      codec_type: 'video',
      codec_name: 'png',
      width: 600,
      height: 600,
      disposition: { attached_pic: 1 },
    };
    const sound = { codec_type: 'audio', codec_name: 'aac' };
    expect(parseProbe({ format, streams: [cover, sound] })).toBeNull();
    expect(
      parseProbe({ format, streams: [cover, sound, { ...stream, duration: '20.02' }] }),
    ).toEqual({
      codec: 'h264',
      width: 1280,
      height: 720,
      durationSeconds: 20.02,
      frameRate: 30000 / 1001,
      rotationDegrees: 0,
    });
  });

  it('gives upright sizes', () => {
    const turned = {
      ...stream,
      side_data_list: [{ side_data_type: 'Display Matrix', rotation: -90 }],
    };
    expect(parseProbe({ format, streams: [turned] })).toMatchObject({
      width: 720,
      height: 1280,
      rotationDegrees: 90,
    });
    const tagged = { ...stream, tags: { rotate: '180' } };
    expect(parseProbe({ format, streams: [tagged] })).toMatchObject({
      width: 1280,
      height: 720,
      rotationDegrees: 180,
    });
  });

  it('takes the length from wherever it is told', () => {
    expect(parseProbe({ format, streams: [stream] })?.durationSeconds).toBe(20.5);
    const tagged = { ...stream, tags: { DURATION: '00:01:02.500000000' } };
    expect(parseProbe({ format, streams: [tagged] })?.durationSeconds).toBe(62.5);
    const late = { ...stream, duration: '10', start_time: '0.5' };
    expect(parseProbe({ format, streams: [late] })?.durationSeconds).toBe(10.5);
    expect(
      parseProbe({ format: { format_name: 'flv' }, streams: [stream] })?.durationSeconds,
    ).toBeNull();
  });
});
