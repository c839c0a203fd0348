import { execFile } from 'node:child_process';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import ffmpegCommand from 'fluent-ffmpeg';
import { MediaError } from './media-error.js';

/** Lower priority than the service itself: decoding is never what keeps an answer from going out. */
const NICENESS = 5;
const MAX_PROBE_OUTPUT = 64 * 1024 * 1024;

const run = promisify(execFile);

/**
 * Runs ffprobe and returns what it prints. Not through fluent-ffmpeg, which gives no hold on the probe it starts: a
 * file that makes it hang could not be ended.
 *
 * @throws MediaError `decoder_timeout`, or `media_unreadable` with ffprobe's reason; the signal's reason once aborted
 */
export async function ffprobe(
  args: readonly string[],
  options: { readonly timeoutMs: number; readonly signal?: AbortSignal },
): Promise<string> {
  try {
    const { stdout } = await run('ffprobe', args, {
      timeout: options.timeoutMs,
      killSignal: 'SIGKILL',
      maxBuffer: MAX_PROBE_OUTPUT,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    return stdout;
  } catch (error) {
    options.signal?.throwIfAborted();
    const failure = error as Error & { killed?: boolean; code?: unknown; stderr?: string };
    if (failure.code === 'ENOENT')
      throw new Error('ffprobe is not installed: install ffmpeg', { cause: error });
    if (failure.killed === true) {
      const seconds = options.timeoutMs / 1000;
      throw new MediaError(
        'decoder_timeout',
        `Expected a file that can be read in ${seconds} s, but it took longer`,
      );
    }
    throw new MediaError('media_unreadable', lastLineOf(failure.stderr ?? ''), { cause: error });
  }
}

export interface FfmpegRun {
  /** Raw output; reading it slowly holds ffmpeg back. */
  readonly output: Readable;
  /** Ends ffmpeg at once; resolves when it is gone. */
  stop(): Promise<void>;
  /** Resolves when ffmpeg ended by itself; rejects with its reason. */
  readonly ended: Promise<void>;
}

/**
 * Starts ffmpeg from a file to a raw stream.
 * @param onLine told each line of its stderr
 */
export function startFfmpeg(
  file: string,
  input: readonly string[],
  output: readonly string[],
  onLine: (line: string) => void,
): FfmpegRun {
  const command = ffmpegCommand({ niceness: NICENESS, stdoutLines: 20 });
  command
    .input(file)
    .inputOptions([...input])
    .outputOptions([...output]);
  const ended = new Promise<void>((resolve, reject) => {
    command.on('end', () => {
      resolve();
    });
    command.on('error', (error: Error, _stdout: string | null, stderr: string | null) => {
      reject(
        new MediaError('media_unreadable', lastLineOf(stderr ?? error.message), { cause: error }),
      );
    });
  });
  ended.catch(() => undefined);
  command.on('stderr', onLine);
  const stream = command.pipe() as unknown as Readable;
  return {
    output: stream,
    ended,
    stop: async () => {
      command.kill('SIGKILL');
      stream.destroy();
      await ended.catch(() => undefined);
    },
  };
}

/**
 * Asks ffmpeg once what it can do: fluent-ffmpeg wants to know before its first run and remembers the answer. Also says
 * early when ffmpeg is missing.
 */
export async function prepareFfmpeg(): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    ffmpegCommand.getAvailableFormats((error) => {
      if (error) reject(new Error('ffmpeg is not installed, or does not run', { cause: error }));
      else ffmpegCommand.getAvailableEncoders((failed) => (failed ? reject(failed) : resolve()));
    });
  });
}

/** ffmpeg's last word, without the file's name. */
function lastLineOf(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  const last = lines.at(-1) ?? 'ffmpeg gave no reason';
  return last.replace(/\S*\/\S+:?/g, 'the file:').slice(0, 300);
}
