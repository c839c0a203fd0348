import { setTimeout as sleep } from 'node:timers/promises';
import { analyse, type Outcome } from './client.js';
import type { Fault } from './fault-plan.js';
import type { Medium } from './media.js';
import type { Random } from './random.js';

/** One request: a medium, when it is sent within its batch, and whether the client asks for an ID at once. */
export interface Submission {
  readonly medium: Medium;
  readonly afterMs: number;
  readonly isAsync: boolean;
}

/** How many of the media are sent a second time, at the same moment or with a later batch. */
const DUPLICATES = 0.2;
const BATCH_SPREAD_MS = 1_000;
const ANALYSIS_LIMIT_MS = 600_000;

export interface Load {
  /** A batch of submissions for each fault, sent before it. */
  readonly batches: readonly (readonly Submission[])[];
  /**
   * A video for each fault that hits the decoder, by the fault's index. It is sent when the fault is due, as a clip that is sent
   * before may be decoded by then, and nothing else brings a decoder.
   */
  readonly decoded: ReadonlyMap<number, Submission>;
}

/** @throws RangeError when there are fewer videos than faults that hit the decoder */
export function planLoad(random: Random, media: readonly Medium[], faults: readonly Fault[]): Load {
  const batches = faults.map((): Submission[] => []);
  const put = (medium: Medium, batch: number) =>
    batches[batch]?.push({
      medium,
      afterMs: random.integer(0, BATCH_SPREAD_MS),
      isAsync: random.next() < 0.5,
    });
  const decoderFaults = faults.flatMap(({ target }, index) => (target === 'ffmpeg' ? [index] : []));
  const videos = random.shuffled(media.filter(({ kind }) => kind === 'video'));
  const images = random.shuffled(media.filter(({ kind }) => kind === 'image'));
  if (videos.length < decoderFaults.length)
    throw new RangeError(
      `Expected a video for each of ${decoderFaults.length} faults of a decoder, got ${videos.length}`,
    );
  const struck = videos.splice(0, decoderFaults.length);
  const decoded = new Map<number, Submission>();
  for (const [i, fault] of decoderFaults.entries()) {
    const medium = struck[i];
    if (medium === undefined) continue;
    decoded.set(fault, { medium, afterMs: 0, isAsync: random.next() < 0.5 });
    // Not before the fault: the clip would be decoded by then.
    const isDouble = random.next() < DUPLICATES && fault + 1 < faults.length;
    if (isDouble) put(medium, random.integer(fault + 1, faults.length - 1));
  }
  const sent: [Medium, number][] = [
    ...videos.map((video, i): [Medium, number] => [video, i % faults.length]),
    ...images.map((image, i): [Medium, number] => [image, i % faults.length]),
  ];
  for (const [medium, batch] of sent) {
    put(medium, batch);
    if (random.next() < DUPLICATES) put(medium, random.integer(batch, faults.length - 1));
  }
  return { batches, decoded };
}

/** Sends one after its delay; resolves with what became of it. */
export async function send(
  url: string,
  { medium, afterMs, isAsync }: Submission,
): Promise<Outcome> {
  await sleep(afterMs);
  return analyse(url, medium, isAsync, ANALYSIS_LIMIT_MS);
}
