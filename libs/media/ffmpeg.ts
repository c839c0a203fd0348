import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { constants, setPriority } from 'node:os';
import type { Readable } from 'node:stream';
import ffmpegCommand from 'fluent-ffmpeg';
import {
  BARE_ENVIRONMENT,
  confinedCommand,
  findConfinement,
  type ProcessLimits,
} from './confinement.js';
import { connectReaders, type ChildReader } from './child-connection.js';
import { checkBuild, FfmpegError } from './ffmpeg-build.js';
import { DEFAULT_LIMITS, type DecoderLimits } from './limits.js';
import { MessageTail } from './message-tail.js';

/*
 * fluent-ffmpeg puts the command line together and finds the programs (FFMPEG_PATH, FFPROBE_PATH, else PATH). It doesn't
 * run them: its own run asks ffmpeg for its formats and encoders first (two more processes, 0.15 s), has no process to end
 * until those are through, so that an early abort is lost, and can give neither a process group nor a further
 * descriptor; its ffprobe can't be ended at all.
 */

/** How a program ended. */
export interface Ending {
  /** Exit status; null where a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last lines of its messages, without paths. */
  readonly messages: readonly string[];
}

export interface DecoderProcess {
  readonly pid: number;
  /** What it writes; reading it slowly holds the program back. Empty where a reader takes it. */
  readonly output: Readable;
  /** Resolves when the process is gone. Never rejects. */
  readonly ended: Promise<Ending>;
  /** Ends the whole process group at once; resolves when it is gone. */
  stop(): Promise<Ending>;
}

export interface StartOptions {
  /** What it may use; by default as much as {@link DEFAULT_LIMITS} says. */
  readonly limits?: ProcessLimits;
  /** Ends the program when aborted. */
  readonly signal?: AbortSignal;
  /** Told each line of the program's messages. */
  readonly onMessage?: (line: string) => void;
  /** Who takes what it writes to its standard output, and to descriptor 3; else that is to be read from `output`. */
  readonly readers?: { readonly output: ChildReader; readonly log: ChildReader };
}

/**
 * Starts ffmpeg from a file to its standard output.
 * @throws the signal's reason once aborted; Error when ffmpeg can't be started
 */
export async function startFfmpeg(
  file: string,
  before: readonly string[],
  after: readonly string[],
  options: StartOptions = {},
): Promise<DecoderProcess> {
  const command = ffmpegCommand(inputUrl(file))
    .inputOptions(...before)
    .outputOptions(...after)
    .output('pipe:1');
  return start('ffmpeg', command._getArguments(), { ...options, file });
}

/** Starts ffprobe. @throws as {@link startFfmpeg} */
export async function startFfprobe(
  file: string,
  args: readonly string[],
  options: StartOptions = {},
): Promise<DecoderProcess> {
  return start('ffprobe', [...args, '-i', inputUrl(file)], { ...options, file });
}

/** Spelled out, a path is never taken for another protocol. */
const inputUrl = (file: string): string => `file:${file}`;

/**
 * Finds ffmpeg and ffprobe, and remembers where they are and how they can be confined.
 *
 * @returns what decoders can't be kept from on this system, of `network`, `privileges` and `resources`
 * @throws FfmpegError when one is missing, or lacks what media are read with
 */
export async function prepareFfmpeg(): Promise<readonly string[]> {
  const [confinement] = await Promise.all([
    findConfinement(),
    find('ffmpeg').then(checkBuild),
    find('ffprobe'),
  ]);
  return Object.entries(confinement).flatMap(([name, command]) => (command === null ? [name] : []));
}

/** A decoder's limits as the system knows them. */
export function processLimits({ memoryBytes, timeoutMs, threads }: DecoderLimits): ProcessLimits {
  // Of its own threads; demuxer and filters have one each.
  return { memoryBytes, cpuSeconds: (timeoutMs / 1000) * (threads + 2) };
}

/** Lower priority than the service itself: decoding is never what keeps an answer from going out. */
const NICENESS = 5;

async function start(
  program: Program,
  args: readonly string[],
  {
    file,
    limits = processLimits(DEFAULT_LIMITS.decoder),
    signal,
    onMessage,
    readers,
  }: StartOptions & { readonly file: string },
): Promise<DecoderProcess> {
  const [path, confinement] = await Promise.all([find(program), findConfinement()]);
  signal?.throwIfAborted();
  const [first = path, ...rest] = confinedCommand(confinement, limits, [path, ...args]);
  // A process group of its own: it can be ended whole, and Ctrl-C in a terminal doesn't cut a worker's decoder short while
  // the worker finishes what it has begun.
  const connections = readers === undefined ? null : await connectReaders(readers);
  const { output, log } = connections ?? { output: null, log: null };
  const child = spawn(first, rest, {
    stdio: ['ignore', output?.theirs ?? 'pipe', 'pipe', ...(log === null ? [] : [log.theirs])],
    ...{ detached: true, windowsHide: true, env: BARE_ENVIRONMENT },
  });
  output?.theirs.destroy();
  log?.theirs.destroy();
  const { stderr } = child;
  const stdout = output?.ours ?? child.stdout;
  const tail = new MessageTail(file, onMessage);
  // Before anything is awaited: a program that ends at once must not be missed.
  const ended = ending(child, tail);
  try {
    await once(child, 'spawn');
  } catch (error) {
    output?.ours.destroy();
    log?.ours.destroy();
    throw new Error(`${program} could not be started`, { cause: error });
  }
  const { pid } = child;
  if (pid === undefined || stdout === null || stderr === null) {
    throw new Error(`expected ${program} to have a process and two pipes, it has not`);
  }
  lowerPriority(pid);
  const kill = () => {
    // Once it is gone, its number may be another's.
    if (child.exitCode === null && child.signalCode === null) killGroup(pid);
  };
  const stop = async () => {
    kill();
    stdout.destroy();
    log?.ours.destroy();
    return ended;
  };
  signal?.addEventListener('abort', kill, { once: true });
  void ended.then(() => {
    signal?.removeEventListener('abort', kill);
  });
  if (signal?.aborted === true) {
    await stop();
    signal.throwIfAborted();
  }
  return { pid, output: stdout, ended, stop };
}

async function ending(child: ChildProcess, tail: MessageTail): Promise<Ending> {
  const { stderr } = child;
  if (stderr === null) return { code: null, signal: null, messages: [] };
  stderr.setEncoding('utf8');
  stderr.on('data', (text: string) => {
    tail.write(text);
  });
  const closed = new Promise((resolve) => stderr.once('close', resolve));
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      void closed.then(() => {
        tail.end();
        resolve({ code, signal, messages: tail.lines });
      });
    });
  });
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (!isNoSuchProcess(error)) throw error;
  }
}

function lowerPriority(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_NORMAL + NICENESS);
  } catch (error) {
    if (!isNoSuchProcess(error)) throw error;
  }
}

/** `kill` tells it as the error's code, `setPriority` in its message alone. */
const isNoSuchProcess = (error: unknown): boolean =>
  error instanceof Error &&
  (('code' in error && error.code === 'ESRCH') || error.message.includes('ESRCH'));

type Program = 'ffmpeg' | 'ffprobe';
type Finder = (found: (error: Error | null, path?: string) => void) => void;
/** Not part of fluent-ffmpeg's documented interface; the version is pinned, and its last. */
interface Finders {
  _getFfmpegPath: Finder;
  _getFfprobePath: Finder;
}

async function find(program: Program): Promise<string> {
  const command = ffmpegCommand() as unknown as Finders;
  const path = await new Promise<string | undefined>((resolve, reject) => {
    const found = (error: Error | null, at?: string) => {
      if (error === null) resolve(at);
      else reject(error);
    };
    if (program === 'ffmpeg') command._getFfmpegPath(found);
    else command._getFfprobePath(found);
  });
  if (path !== undefined && path !== '') return path;
  const variable = `${program.toUpperCase()}_PATH`;
  throw new FfmpegError(
    `expected ${program} on this machine, found none: install ffmpeg, or set ${variable}`,
  );
}
