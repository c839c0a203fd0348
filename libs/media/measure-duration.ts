import { packetArguments } from './ffmpeg-arguments.js';
import { ffprobe, type ProbeRunOptions } from './ffprobe.js';

/**
 * Below this a header's length is not believed: a kilobit per second can't hold pictures, and reading so small a file to
 * its end costs next to nothing.
 */
const LEAST_BITS_PER_SECOND = 1000;

/** Whether a length that a header tells may be true. */
export function isPlausible(
  durationSeconds: number | null,
  bytes: number,
): durationSeconds is number {
  return durationSeconds !== null && (bytes * 8) / durationSeconds >= LEAST_BITS_PER_SECOND;
}

/** Folds the packets of a video track into its length. */
export class PacketSpan {
  #first = Infinity;
  #end = -Infinity;

  /** @param line `pts,dts,duration` in seconds, each `N/A` where unknown */
  read(line: string): void {
    const [pts = NaN, dts = NaN, duration = NaN] = line.split(',').map(Number.parseFloat);
    // AVI has no presentation times.
    const time = Number.isNaN(pts) ? dts : pts;
    if (Number.isNaN(time)) return;
    this.#first = Math.min(this.#first, time);
    this.#end = Math.max(this.#end, time + (Number.isNaN(duration) ? 0 : duration));
  }

  /** From the first packet's time to the last one's end; null where no packet has a time. */
  get seconds(): number | null {
    return this.#end >= this.#first ? this.#end - this.#first : null;
  }
}

/**
 * Length of a stream in seconds by its packets, for a file whose header doesn't tell or can't be true. Reads the whole
 * file. Null where the track has no packets.
 *
 * @throws as `ffprobe`
 */
export async function measureDuration(
  file: string,
  stream: number,
  options: ProbeRunOptions,
): Promise<number | null> {
  const span = new PacketSpan();
  await ffprobe(file, packetArguments(options.limits.maxStreams, stream), options, (line) => {
    span.read(line);
  });
  return span.seconds;
}
