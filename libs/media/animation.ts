import type { DecodeSource, SampledFrame, SampleOptions, TimesRequest } from './sample-request.js';
import type { RasterImage } from './raster-image.js';
import { decodePages, stillMetadata } from './still.js';

/** Browsers show a page with a shorter delay for a tenth of a second. */
const SHORTEST_DELAY_MS = 11;
/** Bytes of pages that are held at once. */
const HELD_BYTES = 64 * 1024 ** 2;

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
  { probe, signal, maxPixels, decoder, onProgress, onSummary }: SampleOptions,
): AsyncGenerator<SampledFrame> {
  const timeoutMs = decoder?.stallTimeoutMs;
  const { starts } = pageTimes((await stillMetadata(file)).delaysMs);
  const pageAt = (time: number) =>
    Math.max(
      0,
      starts.findLastIndex((start) => start <= time),
    );
  // A page builds on those before it, so that each call decodes all of these: the fewer calls, the better.
  const most = Math.max(1, Math.floor(HELD_BYTES / (probe.width * probe.height * 4)));
  let held: { readonly first: number; readonly pages: readonly RasterImage[] } | null = null;
  for (const [sample, time] of times.entries()) {
    signal?.throwIfAborted();
    const page = pageAt(time);
    let image: RasterImage | undefined = held?.pages[page - held.first];
    if (image === undefined) {
      const last = times.map(pageAt).findLast((each) => each < page + most) ?? page;
      const pages = await decodePages(file, page, last - page + 1, { maxPixels, timeoutMs });
      held = { first: page, pages };
      image = pages[0];
    }
    if (image === undefined) throw new RangeError(`expected a page ${page}, found none`);
    // A copy: the caller may give its bytes away, and another sample may show the same page.
    yield { ...image, data: image.data.slice(), sample, seconds: starts[page] ?? 0 };
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
