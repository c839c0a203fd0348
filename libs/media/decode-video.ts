import { sampleAnimation } from './animation.js';
import { refuseBreakdown, refuseFailure, tooSlow } from './decode-failures.js';
import { startPass, type DecodePass } from './decode-pass.js';
import type { DecodePlan } from './ffmpeg-arguments.js';
import { processLimits } from './ffmpeg.js';
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
import { StallGuard, type StallReason } from './stall-guard.js';
import { latestMicros, standsFor } from './target-times.js';

export type {
  DecodeSource,
  DecodeSummary,
  SampledFrame,
  SampleOptions,
  SampleRequest,
} from './sample-request.js';

/**
 * Decodes a span once and yields, for each target time, the frame that is on screen then: upright RGBA of the probed size,
 * in a buffer of its own. A target time without a decodable frame yields nothing (see `standsFor`); where a frame is on
 * screen for several target times, each gets a copy.
 *
 * Holds one frame at a time: ffmpeg waits while the caller works. Leaving the loop early ends ffmpeg before the loop is left.
 *
 * @throws MediaError `media_no_video`, `media_too_large`; `media_unreadable` when ffmpeg gives up; `media_no_frames` when
 *   the whole video was asked for and nothing could be decoded; `decoder_timeout`
 * @throws RangeError for times that are not ascending or not in the span
 * @throws the signal's reason once aborted
 */
export async function* sampleFrames(
  file: string,
  request: SampleRequest,
  options: SampleOptions,
): AsyncGenerator<SampledFrame> {
  const { probe, signal, maxPixels = DEFAULT_LIMITS.maxPixels } = options;
  signal?.throwIfAborted();
  checkTimes(request);
  if (probe.kind !== 'video') {
    const message = `Expected a video, got ${probe.kind === 'audio' ? 'sound alone' : 'a still'}.`;
    throw new MediaError('media_no_video', message);
  }
  refuseLarger(probe, maxPixels);
  if (request.times.length === 0) return;
  // ffmpeg can't read animated WebP.
  if (probe.container === 'webp') yield* sampleAnimation(file, request, options);
  else yield* sampleVideo(file, request, options);
}

async function* sampleVideo(
  file: string,
  request: SampleRequest,
  options: SampleOptions,
): AsyncGenerator<SampledFrame> {
  const { probe, signal, maxStreams = DEFAULT_LIMITS.maxStreams, onProgress, onSummary } = options;
  const decoder = { ...DEFAULT_LIMITS.decoder, ...options.decoder };
  const limits = processLimits(decoder);
  const { times } = request;
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
    for (const point of seekPoints(probe.container, times[0] ?? 0)) {
      await pass?.stop();
      const plan = planOf(request, point, probe, { threads: decoder.threads, maxStreams });
      pass = await startPass(file, plan, { limits, signal, onSign });
      const first = await pass.firstMicros;
      if (waited.stalled !== null || (first !== null && first <= (plan.targetMicros[0] ?? 0)))
        break;
    }
    if (pass === null) return;
    for await (const { chosen, data } of pass.frames()) {
      signal?.throwIfAborted();
      const sample = chosen.target;
      const seconds = chosen.micros / 1e6 - probe.startSeconds;
      const frame = { seconds, followed: chosen.followed };
      if (!standsFor(times[sample] ?? NaN, frame, probe)) continue;
      sampled.add(sample);
      guard.pause();
      yield { sample, seconds, width: probe.width, height: probe.height, data };
      guard.resume();
      onProgress?.(sample + 1, times.length);
    }
    const ending = await pass.ended;
    signal?.throwIfAborted();
    if (waited.stalled !== null) throw tooSlow(waited.stalled, decoder);
    if (ending.code !== 0) refuseBreakdown('ffmpeg', ending, { ...decoder, maxStreams });
    refuseFailure(ending, pass);
    if (pass.decoded === 0 && isWhole(request, probe)) throw noFrames();
    onProgress?.(times.length, times.length);
    onSummary?.({
      decodedFrames: pass.decoded,
      undecodablePackets: pass.undecodable,
      missing: times.flatMap((_, i) => (sampled.has(i) ? [] : [i])),
    });
  } finally {
    guard.pause();
    await pass?.stop();
  }
}

function planOf(
  { times }: SampleRequest,
  point: number | null,
  probe: DecodeSource,
  { threads, maxStreams }: Pick<DecodePlan, 'threads' | 'maxStreams'>,
): DecodePlan {
  const { width, height } = probe;
  const sideways = isSideways(probe);
  return {
    seekSeconds: point === null ? null : point + probe.startSeconds,
    targetMicros: latestMicros(times.map((time) => time + probe.startSeconds)),
    streamIndex: probe.streamIndex ?? null,
    interlaced: probe.interlaced ?? false,
    hdr: probe.hdr ?? null,
    storedWidth: sideways ? height : width,
    storedHeight: sideways ? width : height,
    orientation: probe,
    rateKnown: probe.frameRate !== null,
    threads,
    maxStreams,
  };
}
