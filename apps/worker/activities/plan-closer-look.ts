import type { BlobStore } from '../../../libs/blobs/blob-store.js';
import { closerLook } from '../../../libs/scoring/closer-look.js';
import { timeShares } from '../../../libs/scoring/coverage.js';
import type { MediaActivities } from '../../../workflows/contracts/activities.js';
import { limitsOf } from '../../../workflows/contracts/run-limits.js';
import { closerRate, planCloser } from '../../../workflows/segment-plan.js';
import { readSamples } from '../result/scored-segments.js';
import { reachOf, timedSamples } from '../result/timed-samples.js';
import { withHeartbeat } from './heartbeat.js';

/** Samples of a second look: five minutes at the usual four a second beside the first pass's one. */
const MOST_CLOSER_SAMPLES = 1200;

/** Where to look again, by the stored scores of the first pass: the same scores give the same plan. */
export function planCloserLook(blobs: BlobStore): MediaActivities['planCloserLook'] {
  return (input) =>
    withHeartbeat(1, async () => {
      const { request, probed } = input;
      const { durationSeconds } = probed;
      const { sampling } = request;
      if (durationSeconds === null || sampling?.policy !== 'adaptive') return { segments: [] };
      const scored = await readSamples(blobs, input);
      const samples = timedSamples(scored);
      const shares = timeShares(samples, durationSeconds, reachOf(probed)).flatMap(
        ({ from, to }, i) => {
          const p = samples[i]?.entry?.p;
          return p === undefined ? [] : [{ from, to, p }];
        },
      );
      const first = scored.map(({ segment }) => segment);
      const rate = closerRate({ ...probed, durationSeconds }, sampling.fps, first);
      if (rate === 0) return { segments: [] };
      const left = limitsOf(request).maxFrames - samples.length;
      const seconds = Math.min(MOST_CLOSER_SAMPLES, left) / rate;
      const spans = closerLook(shares, { durationSeconds, seconds });
      return { segments: planCloser(spans, rate, first) };
    });
}
