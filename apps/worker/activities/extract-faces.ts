import type { BlobStore } from '../../../libs/blobs/blob-store.js';
import type { FaceDetectionPool } from '../../../libs/faces/detection-pool.js';
import type { MediaLimits } from '../../../libs/media/limits.js';
import { MediaError } from '../../../libs/media/media-error.js';
import { noFrames } from '../../../libs/media/refusals.js';
import { SpareBuffers } from '../../../libs/media/spare-buffers.js';
import type {
  ExtractedFaces,
  ExtractFacesInput,
  MediaActivities,
  SegmentSample,
  SegmentSamples,
} from '../../../workflows/contracts/activities.js';
import { cropsKey, samplesKey } from '../../../workflows/contracts/blob-keys.js';
import { nameOf } from '../../../workflows/segment-plan.js';
import { framesOf, type ReadingOptions, type SourceFrame } from './frame-source.js';
import { withHeartbeat } from './heartbeat.js';
import { readJson, writeJson } from './json-blobs.js';

/**
 * Decodes a segment's samples, finds the largest face in each and stores the crops; the output of an earlier
 * attempt, or of another model's analysis of the same media, is taken as it is. Holds the crops of one segment and a few frames.
 *
 * @param beforeFrame is waited for before a frame's faces are looked for; the decoder stands still meanwhile
 */
export function extractFaces(
  blobs: BlobStore,
  detection: FaceDetectionPool,
  limits: MediaLimits,
  beforeFrame: () => Promise<void> = () => Promise.resolve(),
): MediaActivities['extractFaces'] {
  // All of it with a heartbeat: a slow store must not look like a dead worker.
  return (input) =>
    withHeartbeat(input.segment.samples, async (signal, progress) => {
      const key = samplesKey(input, nameOf(input.segment));
      const finished = await finishedBefore(blobs, input);
      if (finished !== null) return extracted(finished, true);

      let missing = 0;
      const spare = new SpareBuffers();
      const frames = framesOf(blobs, input, {
        ...{ limits, signal, spare },
        onSummary: (summary) => {
          missing = summary.missing.length;
        },
      });
      const { samples, crops } = await analyse(
        input,
        paced(frames, beforeFrame),
        detection,
        { signal, spare },
        (done) => {
          progress.done = done;
        },
      );
      // How many key frames there are is known only now.
      const sampled =
        input.segment.keyFrames === true ? samples.length + missing : input.segment.samples;
      const result: SegmentSamples = {
        segment: nameOf(input.segment),
        sampled,
        decoded: samples.length,
        unreadable: sampled - samples.length,
        withoutFace: samples.filter(({ box }) => box === null).length,
        faceDetector: detection.description,
        crop: input.crop,
        samples,
      };
      refuseNothing(input, result);
      // Another model's analysis may have been quicker, and may be reading already what it stored.
      const others = await finishedBefore(blobs, input);
      if (others !== null) return extracted(others, false);
      // The crops first: who finds the samples finds the crops.
      await blobs.put(cropsKey(input, nameOf(input.segment)), crops);
      await writeJson(blobs, key, result);
      return extracted(result, false);
    });
}

/** What is stored of the segment, if whole: samples whose crops are damaged can't be scored, and are made anew. */
async function finishedBefore(
  blobs: BlobStore,
  input: ExtractFacesInput,
): Promise<SegmentSamples | null> {
  const name = nameOf(input.segment);
  const samples = await readJson<SegmentSamples>(blobs, samplesKey(input, name));
  if (samples === null || samples.decoded === 0) return samples;
  return (await blobs.get(cropsKey(input, name))) === null ? null : samples;
}

async function* paced<T>(frames: AsyncIterable<T>, before: () => Promise<void>): AsyncGenerator<T> {
  for await (const frame of frames) {
    await before();
    yield frame;
  }
}

/**
 * Detects on all threads at once, keeping the samples' order. Reads on while a thread has nothing to do, whoever's work the
 * others have: segments that are read side by side hold hardly more frames together than one alone.
 */
async function analyse(
  { segment, crop }: ExtractFacesInput,
  frames: AsyncIterable<SourceFrame>,
  detection: FaceDetectionPool,
  { signal, spare }: Pick<ReadingOptions, 'signal' | 'spare'>,
  onDone: (done: number) => void,
): Promise<{ samples: SegmentSample[]; crops: Uint8Array }> {
  const stride = crop.size * crop.size * 3;
  const crops = new Uint8Array(segment.samples * stride);
  const samples: SegmentSample[] = [];
  const underWay = new Set<Promise<void>>();
  let position = 0;
  let done = 0;
  for await (const { frame, seconds, image } of frames) {
    const at = position;
    position += 1;
    const task = detection
      .analyse(image, crop.size, crop.resample, signal)
      .then(({ faces, crop: pixels, spent }) => {
        spare.give(spent);
        const face = faces[0];
        samples[at] = { frame, seconds, box: face?.box ?? null, faceScore: face?.score ?? null };
        crops.set(pixels, at * stride);
        done += 1;
        onDone(done);
        underWay.delete(task);
      });
    // A failure is told below; until then it must not count as unhandled.
    task.catch(() => undefined);
    underWay.add(task);
    while (underWay.size > 0 && !detection.hasRoom) await Promise.race(underWay);
  }
  await Promise.all(underWay);
  return { samples, crops: crops.subarray(0, samples.length * stride) };
}

/** A medium of one segment that gives nothing can't be judged; in a longer one it is a gap. */
function refuseNothing(
  { input, segment, probed }: ExtractFacesInput,
  { decoded }: SegmentSamples,
): void {
  if (decoded > 0) return;
  if (input.kind === 'frames') {
    throw new MediaError(
      'frames_unreadable',
      `Expected at least one readable frame, got ${segment.samples} that can't be read`,
    );
  }
  const isWhole = segment.index === 0 && (probed.durationSeconds ?? 0) <= segment.endSeconds;
  if (isWhole) throw noFrames();
}

function extracted(
  { segment, sampled, decoded, unreadable, withoutFace }: SegmentSamples,
  reused: boolean,
): ExtractedFaces {
  return { segment, sampled, decoded, unreadable, withoutFace, reused };
}
