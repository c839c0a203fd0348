import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { BARE_ENVIRONMENT } from './confinement.js';
import { DEMUXERS } from './ffmpeg-arguments.js';

const run = promisify(execFile);

/** ffmpeg is missing, or its build lacks what media are read with. */
export class FfmpegError extends Error {
  override readonly name = 'FfmpegError';
}

type Kind = 'filters' | 'demuxers' | 'decoders';

/** What the command lines name, and codecs that are promised; of several in one text any will do. */
const NEEDED: Readonly<Record<Kind, readonly string[]>> = {
  filters: [
    ...['scale', 'format', 'settb', 'setpts', 'metadata', 'fps', 'trim', 'select', 'tpad'],
    ...['hflip', 'vflip', 'transpose', 'bwdif', 'zscale', 'tonemap'],
  ],
  demuxers: DEMUXERS,
  decoders: [
    ...['h264', 'hevc', 'vp8', 'vp9', 'libdav1d|libaom-av1', 'mpeg1video', 'mpeg2video', 'mpeg4'],
    ...['h263', 'mjpeg', 'prores', 'theora', 'wmv1', 'wmv2', 'flv'],
    ...['gif', 'apng', 'png', 'bmp'],
  ],
};

/**
 * Asks a build of ffmpeg what it is made of: one that lacks a filter would fail with the first video that needs it, and call
 * the video unreadable.
 *
 * @param program path of ffmpeg
 * @throws FfmpegError naming what is missing
 */
export async function checkBuild(program: string): Promise<void> {
  const kinds = Object.keys(NEEDED) as Kind[];
  const lists = await Promise.all(kinds.map((kind) => listOf(program, kind)));
  const missing = kinds.flatMap((kind, i) =>
    missingIn(lists[i] ?? '', NEEDED[kind]).map((name) => `${kind.slice(0, -1)} ${name}`),
  );
  if (missing.length === 0) return;
  throw new FfmpegError(
    `expected an ffmpeg with all that media are read with, but ${program} lacks ${missing.join(', ')}: install a full build, such as Debian's, or name one by FFMPEG_PATH`,
  );
}

async function listOf(program: string, kind: Kind): Promise<string> {
  try {
    const { stdout } = await run(program, ['-hide_banner', `-${kind}`], { env: BARE_ENVIRONMENT });
    return stdout;
  } catch (error) {
    throw new FfmpegError(`expected ${program} to tell its ${kind}, but it could not be run`, {
      cause: error,
    });
  }
}

/** @param list lines of flags, name or names, and description, as ffmpeg prints them below a legend */
export function missingIn(list: string, needed: readonly string[]): readonly string[] {
  const there = new Set(
    list.split('\n').flatMap((line) => line.trim().split(/\s+/)[1]?.split(',') ?? []),
  );
  return needed
    .filter((names) => !names.split('|').some((name) => there.has(name)))
    .map((names) => names.replace('|', ' or '));
}
