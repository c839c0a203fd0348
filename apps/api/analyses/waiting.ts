import type { Preferences } from './prefer.js';

/** How long a request waits for its analysis. */
export interface Waiting {
  readonly seconds: number;
  /** Stop when the medium turns out to be long: nobody asked for a certain wait. */
  readonly isDefault: boolean;
  /** What is said in `Preference-Applied` when the answer comes within the wait. */
  readonly appliedInTime: string | null;
  /** The same when it does not. */
  readonly appliedLater: string | null;
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
  const seconds = waitSeconds === null ? null : Math.min(waitSeconds, limits.longest);
  const wait = seconds === null ? [] : [`wait=${seconds}`];
  return {
    seconds: seconds ?? (respondAsync ? 0 : limits.usual),
    isDefault: seconds === null && !respondAsync,
    appliedInTime: list(wait),
    appliedLater: list([...(respondAsync ? ['respond-async'] : []), ...wait]),
  };
}

const list = (preferences: readonly string[]): string | null =>
  preferences.length === 0 ? null : preferences.join(', ');
