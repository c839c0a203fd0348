import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { requestOf } from '../../apps/worker/activities/frame-source.js';
import type { FaceDetectionPool } from '../../libs/faces/detection-pool.js';
import { sampleFrames } from '../../libs/media/decode-video.js';
import { probeMedia } from '../../libs/media/probe.js';
import { SpareBuffers } from '../../libs/media/spare-buffers.js';
import type { Sampling } from '../../workflows/contracts/sampling.js';
import { closerRate, planCloser, planVideo, type Segment } from '../../workflows/segment-plan.js';

const run = promisify(execFile);

/** Seconds of video per second of wall time, medians; ratios are within a round, to plain decoding. */
export interface Throughput {
  readonly plain: number;
  readonly policies: readonly {
    readonly policy: string;
    readonly frames: number;
    readonly decode: number;
    readonly decodeRatio: number;
    readonly withFaces: number;
    readonly withFacesRatio: number;
  }[];
}

const POLICIES: readonly (readonly [string, Sampling])[] = [
  ['even, 30 frames', { policy: 'even', frames: 30 }],
  ['fps 1', { policy: 'fps', fps: 1 }],
  ['fps 5', { policy: 'fps', fps: 5 }],
  ['keyframes', { policy: 'keyframes', fps: 1 }],
  ['adaptive, a fifth again', { policy: 'adaptive', fps: 5 }],
];

/** What stands for the scores of `adaptive`, as the model is not run: this part of the video is looked at again. */
const LOOKED_AT_AGAIN = [0.4, 0.6] as const;

export const POLICY_NAMES: readonly string[] = [
  ...new Set(POLICIES.map(([, { policy }]) => policy)),
];

/** Segments at once, as one media worker has them. */
const IN_FLIGHT = 2;
/** What the model takes. */
const CROP = { size: 224, resample: 2 } as const;

/**
 * Plain decoding and each policy in turn, so that all meet the same machine: decoding and sampling alone, and with face
 * detection and crops as the media worker does them. The model is not run.
 *
 * @param wanted of {@link POLICY_NAMES}
 */
export async function measureThroughput(
  file: string,
  detection: FaceDetectionPool,
  rounds: number,
  wanted: readonly string[],
): Promise<Throughput> {
  const policies = POLICIES.filter(([, { policy }]) => wanted.includes(policy));
  const probe = await probeMedia(file);
  const seconds = probe.durationSeconds ?? NaN;
  const plain: number[] = [];
  const times = policies.map(() => ({
    frames: 0,
    decode: [] as number[],
    withFaces: [] as number[],
  }));
  const videoOf = { ...probe, durationSeconds: seconds };
  for (let round = 0; round < rounds; round += 1) {
    const args = ['-v', 'error', '-nostdin', '-i', file, '-map', '0:V:0', '-f', 'null', '-'];
    plain.push(await timed(() => run('ffmpeg', args)));
    for (const [i, [, sampling]] of policies.entries()) {
      const passes = passesOf(videoOf, sampling);
      const time = times[i];
      if (time === undefined) continue;
      time.frames = 0;
      const decode = (segment: Segment, spare: SpareBuffers) =>
        sampleFrames(file, requestOf(segment), { probe, spare });
      const alone = timed(() =>
        inPasses(passes, async (segment) => {
          const spare = new SpareBuffers();
          for await (const { data } of decode(segment, spare)) {
            time.frames += 1;
            spare.give(data);
          }
        }),
      );
      time.decode.push(await alone);
      const faces = timed(() =>
        inPasses(passes, async (segment) => {
          const underWay = new Set<Promise<void>>();
          const spare = new SpareBuffers();
          for await (const frame of decode(segment, spare)) {
            const task = detection.analyse(frame, CROP.size, CROP.resample).then(({ spent }) => {
              spare.give(spent);
              underWay.delete(task);
            });
            underWay.add(task);
            while (underWay.size > 0 && !detection.hasRoom) await Promise.race(underWay);
          }
          await Promise.all(underWay);
        }),
      );
      time.withFaces.push(await faces);
    }
  }
  const speed = (all: readonly number[]) => round2(median(all.map((each) => seconds / each)));
  const ratio = (all: readonly number[]) =>
    round2(median(all.map((each, round) => (plain[round] ?? NaN) / each)));
  return {
    plain: speed(plain),
    policies: policies.map(([policy], i) => {
      const { frames = 0, decode = [], withFaces = [] } = times[i] ?? {};
      return {
        ...{ policy, frames, decode: speed(decode), decodeRatio: ratio(decode) },
        ...{ withFaces: speed(withFaces), withFacesRatio: ratio(withFaces) },
      };
    }),
  };
}

/** Segments that are read at once, and what can only be planned after them. */
function passesOf(
  video: Parameters<typeof planVideo>[0],
  sampling: Sampling,
): readonly (readonly Segment[])[] {
  const { segments } = planVideo(video, sampling);
  if (sampling.policy !== 'adaptive') return [segments];
  const [from, to] = LOOKED_AT_AGAIN.map((share) => share * video.durationSeconds);
  const rate = closerRate(video, sampling.fps, segments);
  return [segments, planCloser([[from ?? NaN, to ?? NaN]], rate, segments)];
}

async function inPasses(
  passes: readonly (readonly Segment[])[],
  work: (segment: Segment) => Promise<void>,
): Promise<void> {
  for (const segments of passes) await inLanes(segments, work);
}

async function inLanes(
  segments: readonly Segment[],
  work: (segment: Segment) => Promise<void>,
): Promise<void> {
  const waiting = [...segments];
  const lane = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await work(next);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

const round2 = (value: number): number => Math.round(value * 100) / 100;
