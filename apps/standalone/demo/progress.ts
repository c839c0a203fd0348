import { MultiBar } from 'cli-progress';
import type { Analysis } from './api-client.js';

/** Shows how far an analysis is. */
export interface ProgressView {
  show(analysis: Analysis): void;
  end(): void;
}

/** A bar in a terminal; elsewhere a line for every change. */
export function viewProgress(file: string, out: NodeJS.WriteStream): ProgressView {
  return out.isTTY ? bar(file, out) : lines(file, out);
}

/** What an analysis is doing, in words, and how much of it is done, 0..1. */
export function progressOf({ status, progress }: Analysis): { text: string; fraction: number } {
  if (status === 'succeeded') return { text: 'done', fraction: 1 };
  if (progress === null || status === 'queued') return { text: 'queued', fraction: 0 };
  const { stage, segments_total: total, segments_extracted, segments_scored } = progress;
  if (stage === 'describing' || total === null) return { text: 'probing', fraction: 0 };
  // Each segment is extracted and scored; then all is put together.
  const fraction = (segments_extracted + segments_scored) / (2 * total + 1);
  if (stage !== 'analysing') return { text: 'putting together', fraction };
  const segments = total === 1 ? '' : `, ${segments_scored} of ${total} segments done`;
  const doing = segments_extracted > segments_scored ? 'scoring faces' : 'finding faces';
  return { text: `${doing}${segments}`, fraction };
}

function bar(file: string, out: NodeJS.WriteStream): ProgressView {
  const format = `${file.padEnd(20)} {bar} {percentage}% {text}`;
  const bars = new MultiBar({ format, stream: out, hideCursor: true, barsize: 30 });
  const one = bars.create(1, 0, { text: 'queued' });
  return {
    show: (analysis) => {
      const { text, fraction } = progressOf(analysis);
      one.update(fraction, { text });
    },
    end: () => {
      bars.stop();
    },
  };
}

function lines(file: string, out: NodeJS.WriteStream): ProgressView {
  let shown = '';
  return {
    show: (analysis) => {
      const { text } = progressOf(analysis);
      if (text === shown) return;
      shown = text;
      out.write(`${file}: ${text}\n`);
    },
    end: () => undefined,
  };
}
