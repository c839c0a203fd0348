import { MultiBar, type SingleBar } from 'cli-progress';
import type { DownloadProgress } from '../../../libs/model/source.js';
import { megabytes } from './units.js';

/** Shows downloads and what an operator should know meanwhile. */
export interface DownloadView {
  readonly onProgress: (progress: DownloadProgress) => void;
  readonly onNotice: (notice: string) => void;
  readonly end: () => void;
}

const LINE_EVERY_MS = 1_000;

/** A bar for each file in a terminal; elsewhere a line a second, and one for each finished file. */
export function viewDownloads(out: NodeJS.WriteStream): DownloadView {
  return out.isTTY ? bars(out) : lines(out);
}

function bars(out: NodeJS.WriteStream): DownloadView {
  const format = '{file} {bar} {percentage}% {arrived} of {whole}, {eta_formatted} to go';
  const all = new MultiBar({
    format,
    stream: out,
    hideCursor: true,
    barsize: 16,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    etaBuffer: 50,
  });
  const shown = new Map<string, SingleBar>();
  return {
    onProgress: ({ file, loadedBytes, totalBytes }) => {
      const texts = { arrived: megabytes(loadedBytes), whole: megabytes(totalBytes) };
      const known = shown.get(file);
      if (known !== undefined) {
        known.update(loadedBytes, texts);
        return;
      }
      shown.set(file, all.create(totalBytes, loadedBytes, { file: file.padEnd(26), ...texts }));
    },
    onNotice: (notice) => {
      if (shown.size > 0) all.log(`${notice}\n`);
      else out.write(`${notice}\n`);
    },
    end: () => {
      all.stop();
    },
  };
}

/** @param now a clock in ms */
export function lines(
  out: Pick<NodeJS.WriteStream, 'write'>,
  now: () => number = () => performance.now(),
): DownloadView {
  let toldAt = -Infinity;
  return {
    onProgress: ({ file, loadedBytes, totalBytes }) => {
      if (now() - toldAt < LINE_EVERY_MS && loadedBytes < totalBytes) return;
      toldAt = now();
      out.write(`${file}: ${megabytes(loadedBytes)} of ${megabytes(totalBytes)}\n`);
    },
    onNotice: (notice) => {
      out.write(`${notice}\n`);
    },
    end: () => undefined,
  };
}
