import { keyPacketArguments } from './ffmpeg-arguments.js';
import { ffprobe, type ProbeRunOptions } from './ffprobe.js';
import type { DecodeSource, KeyFramesRequest } from './sample-request.js';

/** Room for what lies in the file before its turn. */
const REORDERED_SECONDS = 1;

/**
 * Times at which a span's key frames should be, decodable or not, by the container's own word: in seconds from the first
 * frame. MPEG-TS and the like say nothing of it, and have none here.
 *
 * @throws as `ffprobe`
 */
export async function keyFrameTimes(
  file: string,
  { startSeconds, endSeconds }: Omit<KeyFramesRequest, 'keyFrameEvery'>,
  { startSeconds: clock, streamIndex = null }: Pick<DecodeSource, 'startSeconds' | 'streamIndex'>,
  options: ProbeRunOptions,
): Promise<readonly number[]> {
  const times: number[] = [];
  const to = clock + endSeconds + REORDERED_SECONDS;
  const { maxStreams } = options.limits;
  const args = keyPacketArguments(maxStreams, streamIndex, clock + startSeconds, to);
  await ffprobe(file, args, options, (line) => {
    const [pts = '', dts = '', flags = ''] = line.split(',');
    const time = Number.parseFloat(pts === 'N/A' ? dts : pts) - clock;
    if (flags.startsWith('K') && time >= startSeconds && time < endSeconds) times.push(time);
  });
  return times;
}
