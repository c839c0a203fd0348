/** The hub, or the storage behind it, answered with an error status. */
export class HubRefusal extends Error {
  override readonly name = 'HubRefusal';

  constructor(
    readonly status: number,
    /** The hub's own word for it, such as `RepoNotFound`, `RevisionNotFound` or `GatedRepo`. */
    readonly code: string | null,
    /** When it asks to come back; null when it doesn't say. */
    readonly retryAfterSeconds: number | null,
  ) {
    super(`HTTP ${status}`);
  }
}

/** The answer, if it is none of an error. @throws HubRefusal */
export async function accepted(answer: Response): Promise<Response> {
  if (answer.ok) return answer;
  await answer.body?.cancel();
  const { status, headers } = answer;
  throw new HubRefusal(status, headers.get('x-error-code'), retryAfterSeconds(headers));
}

/**
 * Seconds until the server wants to be asked again: `Retry-After` as seconds or as a date, else `RateLimit` (a draft of the
 * IETF's, which the hub follows: `"api";r=0;t=55`); null when it says nothing of it.
 * @param now ms since the epoch
 */
export function retryAfterSeconds(headers: Headers, now = Date.now()): number | null {
  const retryAfter = headers.get('retry-after')?.trim() ?? '';
  if (/^\d+$/.test(retryAfter)) return Number(retryAfter);
  const date = Date.parse(retryAfter);
  if (!Number.isNaN(date)) return Math.max(0, Math.ceil((date - now) / 1000));
  const [, reset] = /;\s*r=0\s*;\s*t=(\d+)/.exec(headers.get('ratelimit') ?? '') ?? [];
  return reset === undefined ? null : Number(reset);
}
