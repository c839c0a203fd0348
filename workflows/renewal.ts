import { patched } from '@temporalio/workflow';
import { ActivityFailure, ApplicationFailure } from '@temporalio/common';
import type { LostSegments } from './contracts/activities.js';
import type { SegmentName } from './contracts/blob-keys.js';

/**
 * How often what one step needs is made anew. Damage is rare: twice, and the store is one that loses what it is given. The
 * second is for a step that looks at samples and scores first, and at crops afterwards.
 */
const MOST_RENEWALS = 2;

/**
 * Does a step. Where what earlier steps have stored of some segments is gone or damaged, has these made anew and does the
 * step again.
 *
 * @throws the step's failure once it was made anew twice
 */
export async function withRenewal<T>(
  step: () => Promise<T>,
  renew: (segments: readonly SegmentName[]) => Promise<void>,
): Promise<T> {
  for (let renewals = 0; ; renewals += 1) {
    try {
      return await step();
    } catch (error) {
      const lost = lostSegmentsOf(error);
      if (lost.length === 0 || renewals === MOST_RENEWALS) throw error;
      // A worker of an earlier release ends the run here.
      if (!patched('renew-lost-segments')) throw error;
      await renew(lost);
    }
  }
}

function lostSegmentsOf(error: unknown): readonly SegmentName[] {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  if (!(cause instanceof ApplicationFailure)) return [];
  if (cause.type !== 'crops_missing' && cause.type !== 'scores_missing') return [];
  const [details] = (cause.details ?? []) as readonly (LostSegments | undefined)[];
  return details?.segments ?? [];
}
