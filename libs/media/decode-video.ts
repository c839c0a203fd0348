import type { Readable } from 'node:stream';
import {
  inputArguments,
  outputArguments,
  partOf,
  showinfoTime,
  type SampleGrid,
} from './ffmpeg-arguments.js';
import { startFfmpeg } from './ffmpeg.js';
import type { RgbaImage } from './rgba-image.js';

/** A frame that stands for one part of the grid. */
export interface SampledFrame extends RgbaImage {
  /** Index of the part, from 0. */
  readonly sample: number;
  /** The frame's own presentation time in seconds from the video's start. */
  readonly seconds: number;
}

export interface DecodeOptions {
  /** Upright size of the frames in pixels. */
  readonly width: number;
  readonly height: number;
  /** Frames per second where known. */
  readonly frameRate: number | null;
  /** Threads ffmpeg may decode with. */
  readonly threads: number;
  readonly signal?: AbortSignal;
}

/**
 * Decodes a span once and yields the frame nearest the middle of each part of the grid, in order, rotation applied. Holds
 * one frame at a time; ffmpeg waits while the caller works. Leaving the loop early ends ffmpeg.
 *
 * Where a video shows a frame so long that a part has none of its own, that part gets the frame shown. Parts after the
 * last frame that could be decoded get none.
 *
 * @throws MediaError when nothing can be decoded; the signal's reason once aborted
 */
export async function* sampleFrames(
  file: string,
  grid: SampleGrid,
  options: DecodeOptions,
): AsyncGenerator<SampledFrame> {
  const { width, height, signal } = options;
  signal?.throwIfAborted();
  const halfFrame = Math.min(
    0.5 / (options.frameRate ?? 25),
    (grid.endSeconds - grid.startSeconds) / grid.samples / 2,
  );
  const times = new LineTimes();
  const run = startFfmpeg(
    file,
    inputArguments(grid, options.threads),
    outputArguments(grid, { width, height }, halfFrame),
    (line) => {
      times.read(line);
    },
  );
  const stop = () => void run.stop();
  signal?.addEventListener('abort', stop, { once: true });
  void run.ended.then(
    () => {
      times.end();
    },
    () => {
      times.end();
    },
  );
  let shown: SampledFrame | null = null;
  try {
    for await (const data of framesOf(run.output, width * height * 4)) {
      const time = await times.next();
      if (time === null) break;
      const sample = Math.min(partOf(time, grid, halfFrame), grid.samples - 1);
      if (shown !== null && sample <= shown.sample) continue;
      for (let part = (shown?.sample ?? sample) + 1; shown !== null && part < sample; part += 1) {
        yield { ...shown, data: shown.data.slice(), sample: part };
      }
      const frame: SampledFrame = {
        sample,
        seconds: grid.startSeconds + time,
        width,
        height,
        data,
      };
      // A copy stays for parts without a frame of their own: the caller may give the bytes away.
      shown = { ...frame, data: data.slice() };
      yield frame;
    }
    signal?.throwIfAborted();
    if (shown === null) await run.ended;
  } finally {
    signal?.removeEventListener('abort', stop);
    await run.stop();
  }
}

/** Cuts a stream into frames of `size` bytes, each in a buffer of its own; a last, partial one is dropped. */
async function* framesOf(stream: Readable, size: number): AsyncGenerator<Uint8Array> {
  let frame = new Uint8Array(size);
  let filled = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      for (let offset = 0; offset < chunk.length;) {
        const part = chunk.subarray(offset, offset + size - filled);
        frame.set(part, filled);
        filled += part.length;
        offset += part.length;
        if (filled === size) {
          yield frame;
          frame = new Uint8Array(size);
          filled = 0;
        }
      }
    }
  } catch (error) {
    // The stream breaks off when ffmpeg is ended or fails: its own reason is told by the run.
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE'))
      throw error;
  }
}

/** Times that ffmpeg announces, in the order of its frames; they may come before or after the frames' bytes. */
class LineTimes {
  readonly #times: number[] = [];
  readonly #waiting: ((time: number | null) => void)[] = [];
  #ended = false;

  read(line: string): void {
    const time = showinfoTime(line);
    if (time === null) return;
    const waiter = this.#waiting.shift();
    if (waiter === undefined) this.#times.push(time);
    else waiter(time);
  }

  end(): void {
    this.#ended = true;
    for (const waiter of this.#waiting.splice(0)) waiter(null);
  }

  /** The next frame's time; null when ffmpeg ended without telling it. */
  async next(): Promise<number | null> {
    const time = this.#times.shift();
    if (time !== undefined) return time;
    if (this.#ended) return null;
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
