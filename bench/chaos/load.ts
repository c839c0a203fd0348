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

/** A batch of submissions for each fault. A video goes with each fault that hits the decoder. */
export function planLoad(
  random: Random,
  media: readonly Medium[],
  faults: readonly Fault[],
): readonly (readonly Submission[])[] {
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
  const sent: [Medium, number][] = [
    ...videos.map((video, i): [Medium, number] => [video, decoderFaults[i] ?? i % faults.length]),
    ...images.map((image, i): [Medium, number] => [image, i % faults.length]),
  ];
  for (const [medium, batch] of sent) {
    put(medium, batch);
    if (random.next() < DUPLICATES) put(medium, random.integer(batch, faults.length - 1));
  }
  return batches;
}

/** Sends one after its delay; resolves with what became of it. */
export async function send(
  url: string,
  { medium, afterMs, isAsync }: Submission,
): Promise<Outcome> {
  await sleep(afterMs);
  return analyse(url, medium, isAsync, ANALYSIS_LIMIT_MS);
}
