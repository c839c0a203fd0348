import { sampleAnimation } from './animation.js';
import { refuseBreakdown, refuseFailure, tooSlow } from './decode-failures.js';
import { startPass, type DecodePass } from './decode-pass.js';
import type { DecodePlan } from './ffmpeg-arguments.js';
import { processLimits } from './ffmpeg.js';
import { keyFrameTimes } from './key-frame-times.js';
import { DEFAULT_LIMITS } from './limits.js';
import { MediaError } from './media-error.js';
import { isSideways } from './orientation.js';
import { noFrames, refuseLarger } from './refusals.js';
import {
  checkTimes,
  isWhole,
  type DecodeSource,
  type SampledFrame,
  type SampleOptions,
  type SampleRequest,
} from './sample-request.js';
import { seekPoints } from './seek-points.js';
import { SpareBuffers } from './spare-buffers.js';
import { StallGuard, type StallReason } from './stall-guard.js';
import { wantedFrames, type WantedFrames } from './wanted-frames.js';

export type {
  DecodeSource,
  DecodeSummary,
  SampledFrame,
  SampleOptions,
  SampleRequest,
} from './sample-request.js';

/**
 * Decodes a span once and yields, for each target time, the frame that is on screen then: upright RGB of the probed size,
 * in a buffer of its own (see `spare`). A target time without a decodable frame yields nothing (see `standsFor`); where a frame is on
 * screen for several target times, each gets a copy. Where key frames are asked for, yields those and decodes nothing else.
 *
 * Holds one frame at a time: ffmpeg waits while the caller works. Leaving the loop early ends ffmpeg before the loop is left.
 *
 * @throws MediaError `media_no_video`, `media_too_large`; `media_unreadable` when ffmpeg gives up; `media_no_frames` when
 *   the whole video was asked for and nothing could be decoded; `decoder_timeout`
 * @throws RangeError for times that are not ascending or not in the span, and for key frames of an animated WebP
 * @throws the signal's reason once aborted
 */
export async function* sampleFrames(
  file: string,
  request: SampleRequest,
  options: SampleOptions,
): AsyncGenerator<SampledFrame> {
  const { probe, signal, maxPixels = DEFAULT_LIMITS.maxPixels } = options;
  signal?.throwIfAborted();
  if ('times' in request) checkTimes(request);
  if (probe.kind !== 'video') {
    const message = `Expected a video, got ${probe.kind === 'audio' ? 'sound alone' : 'a still'}.`;
    throw new MediaError('media_no_video', message);
  }
  refuseLarger(probe, maxPixels);
  if ('times' in request && request.times.length === 0) return;
  // ffmpeg can't read animated WebP.
  if (probe.container !== 'webp') yield* sampleVideo(file, request, options);
  else if ('times' in request) yield* sampleAnimation(file, request, options);
  else throw new RangeError('expected times for an animated WebP, which has no key frames');
}

async function* sampleVideo(
  file: string,
  request: SampleRequest,
  options: SampleOptions,
): AsyncGenerator<SampledFrame> {
  const { probe, signal, maxStreams = DEFAULT_LIMITS.maxStreams, onProgress, onSummary } = options;
  const { spare = new SpareBuffers() } = options;
  const decoder = { ...DEFAULT_LIMITS.decoder, ...options.decoder };
  const limits = processLimits(decoder);
  const wanted = wantedFrames(request, probe, (span) => {
    const all = { ...DEFAULT_LIMITS, maxStreams, decoder };
    const deadline = performance.now() + all.probeTimeoutMs;
    return keyFrameTimes(file, span, probe, { deadline, limits: all, signal });
  });
  const waited: { stalled: StallReason | null } = { stalled: null };
  let pass: DecodePass | null = null;
  const guard = new StallGuard(decoder.stallTimeoutMs, decoder.timeoutMs, (reason) => {
    waited.stalled = reason;
    void pass?.stop();
  });
  const onSign = () => {
    guard.touch();
  };
  const sampled = new Set<number>();
  try {
    for (const point of seekPoints(probe.container, wanted.firstSeconds)) {
      await pass?.stop();
      const plan = planOf(wanted, point, probe, { threads: decoder.threads, maxStreams });
      pass = await startPass(file, plan, { limits, spare, signal, onSign });
      const first = await pass.firstMicros;
      if (waited.stalled !== null || (first !== null && first <= wanted.firstMicros)) break;
    }
    if (pass === null) return;
    for await (const { chosen, data } of pass.frames()) {
      signal?.throwIfAborted();
      const sample = wanted.sampleOf(chosen);
      if (sample === null) {
        spare.give(data);
        continue;
      }
      const seconds = chosen.micros / 1e6 - probe.startSeconds;
      sampled.add(sample);
      guard.pause();
      yield { sample, seconds, width: probe.width, height: probe.height, channels: 3, data };
      guard.resume();
      onProgress?.(sample + 1, wanted.count);
    }
    const ending = await pass.ended;
    signal?.throwIfAborted();
    if (waited.stalled !== null) throw tooSlow(waited.stalled, decoder);
    if (ending.code !== 0) refuseBreakdown('ffmpeg', ending, { ...decoder, maxStreams });
    refuseFailure(ending, pass);
    if (pass.decoded === 0 && isWhole(request, probe)) throw noFrames();
    onProgress?.(wanted.count, wanted.count);
    onSummary?.({
      decodedFrames: pass.decoded,
      undecodablePackets: pass.undecodable,
      missing: await wanted.missing(sampled, pass.undecodable),
    });
  } finally {
    guard.pause();
    await pass?.stop();
  }
}

function planOf(
  { choice }: WantedFrames,
  point: number | null,
  probe: DecodeSource,
  { threads, maxStreams }: Pick<DecodePlan, 'threads' | 'maxStreams'>,
): DecodePlan {
  const { width, height } = probe;
  const sideways = isSideways(probe);
  return {
    seekSeconds: point === null ? null : point + probe.startSeconds,
    streamIndex: probe.streamIndex ?? null,
    interlaced: probe.interlaced ?? false,
    hdr: probe.hdr ?? null,
    storedWidth: sideways ? height : width,
    storedHeight: sideways ? width : height,
    orientation: probe,
    choice,
    threads,
    maxStreams,
  };
}
