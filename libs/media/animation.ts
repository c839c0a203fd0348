import type { DecodeSource, SampledFrame, SampleOptions, TimesRequest } from './sample-request.js';
import { decodeStill, stillMetadata } from './still.js';

/** Browsers show a page with a shorter delay for a tenth of a second. */
const SHORTEST_DELAY_MS = 11;

/** Seconds from the start at which each page is shown, and at which the last one ends. */
export function pageTimes(delaysMs: readonly number[]): {
  readonly starts: readonly number[];
  readonly end: number;
} {
  const starts: number[] = [];
  let at = 0;
  for (const delay of delaysMs) {
    starts.push(at / 1000);
    at += delay < SHORTEST_DELAY_MS ? 100 : delay;
  }
  return { starts, end: at / 1000 };
}

/** `sampleFrames` for an animated WebP, by the picture decoder. */
export async function* sampleAnimation(
  file: string,
  { times }: TimesRequest,
  { signal, maxPixels, onProgress, onSummary }: SampleOptions,
): AsyncGenerator<SampledFrame> {
  const { starts } = pageTimes((await stillMetadata(file)).delaysMs);
  for (const [sample, time] of times.entries()) {
    signal?.throwIfAborted();
    const page = Math.max(
      0,
      starts.findLastIndex((start) => start <= time),
    );
    const image = await decodeStill(file, { maxPixels, page });
    yield { ...image, sample, seconds: starts[page] ?? 0 };
    onProgress?.(sample + 1, times.length);
  }
  onSummary?.({ decodedFrames: times.length, undecodablePackets: 0, missing: [] });
}

/** What a probe says of an animated WebP. */
export function animationTiming(
  delaysMs: readonly number[],
): Pick<DecodeSource, 'durationSeconds' | 'frameRate' | 'variableFrameRate' | 'startSeconds'> {
  const { end } = pageTimes(delaysMs);
  return {
    durationSeconds: end,
    frameRate: end > 0 ? delaysMs.length / end : null,
    variableFrameRate: new Set(delaysMs).size > 1,
    startSeconds: 0,
  };
}
