import type { FrameChoice } from './ffmpeg-arguments.js';
import type { ChosenFrame } from './frame-log.js';
import type { DecodeSource, KeyFramesRequest, SampleRequest } from './sample-request.js';
import { latestMicros, ROUNDING_MICROS, standsFor } from './target-times.js';

/** What a request wants of the decoder, and what becomes of the frames that come. */
export interface WantedFrames {
  readonly choice: FrameChoice;
  /** Seconds from the first frame at which decoding must have begun. */
  readonly firstSeconds: number;
  /** The same on the container's clock: latest time, in microseconds, of the first decoded frame. */
  readonly firstMicros: number;
  /** Samples that can come at most. */
  readonly count: number;
  /** Number of the sample that a chosen frame is; null when it can't stand for its target. */
  sampleOf(chosen: ChosenFrame): number | null;
  /**
   * Numbers of samples that should have come and did not.
   * @param undecodable packets of which the decoder made nothing
   */
  missing(sampled: ReadonlySet<number>, undecodable: number): Promise<readonly number[]>;
}

/** @param keyFrameTimes tells, in seconds from the first frame, where key frames should be: asked only where some are lost */
export function wantedFrames(
  request: SampleRequest,
  probe: DecodeSource,
  keyFrameTimes: (request: KeyFramesRequest) => Promise<readonly number[]>,
): WantedFrames {
  return 'times' in request
    ? atTimes(request.times, probe)
    : keyFrames(request, probe, () => keyFrameTimes(request));
}

function atTimes(times: readonly number[], probe: DecodeSource): WantedFrames {
  const targetMicros = latestMicros(times.map((time) => time + probe.startSeconds));
  return {
    choice: { kind: 'targets', targetMicros, rateKnown: probe.frameRate !== null },
    firstSeconds: times[0] ?? 0,
    firstMicros: targetMicros[0] ?? 0,
    count: times.length,
    sampleOf: ({ target, micros, followed }) => {
      const time = target === null ? undefined : times[target];
      const seconds = micros / 1e6 - probe.startSeconds;
      return time !== undefined && standsFor(time, { seconds, followed }, probe) ? target : null;
    },
    missing: (sampled) => Promise.resolve(times.flatMap((_, i) => (sampled.has(i) ? [] : [i]))),
  };
}

function keyFrames(
  { startSeconds, endSeconds, keyFrameEvery }: KeyFramesRequest,
  probe: DecodeSource,
  expectedTimes: () => Promise<readonly number[]>,
): WantedFrames {
  // A key frame on the border of two spans belongs to the second, however its container rounds.
  const clock = (seconds: number) =>
    Math.round((seconds + probe.startSeconds) * 1e6) - ROUNDING_MICROS;
  const fromMicros = clock(startSeconds);
  const toMicros = clock(endSeconds);
  const stepMicros = Math.max(1, Math.round(keyFrameEvery * 1e6));
  const count = Math.ceil((toMicros - fromMicros) / stepMicros);
  const partOf = (micros: number) => {
    const part = Math.floor((micros - fromMicros) / stepMicros);
    return part >= 0 && part < count ? part : null;
  };
  return {
    choice: { kind: 'key_frames', fromMicros, toMicros, stepMicros },
    firstSeconds: startSeconds,
    firstMicros: fromMicros + 2 * ROUNDING_MICROS,
    count,
    sampleOf: ({ micros }) => partOf(micros),
    missing: async (sampled, undecodable) => {
      if (undecodable === 0) return [];
      const expected = await expectedTimes();
      const parts = expected.map((time) => partOf((time + probe.startSeconds) * 1e6));
      return [...new Set(parts)].filter((part) => part !== null && !sampled.has(part)) as number[];
    },
  };
}
