import type { Preferences } from './prefer.js';

/** How long a request waits for its analysis. */
export interface Waiting {
  readonly seconds: number;
  /** Stop when the medium turns out to be long: nobody asked for a certain wait. */
  readonly isDefault: boolean;
  /** Value of `Preference-Applied`, or null when nothing preferred is done. */
  readonly applied: string | null;
}

/**
 * `respond-async` alone means not to wait at all; together with `wait=N` to wait that long (RFC 7240, 4.3).
 *
 * @param limits seconds without a preference, and at most with one
 */
export function waitingFor(
  { respondAsync, waitSeconds }: Preferences,
  limits: { readonly usual: number; readonly longest: number },
): Waiting {
  if (waitSeconds !== null) {
    const seconds = Math.min(waitSeconds, limits.longest);
    const applied = [...(respondAsync ? ['respond-async'] : []), `wait=${seconds}`].join(', ');
    return { seconds, isDefault: false, applied };
  }
  if (respondAsync) return { seconds: 0, isDefault: false, applied: 'respond-async' };
  return { seconds: limits.usual, isDefault: true, applied: null };
}
