/** What a problem's code stands for, whatever the occurrence. */
export interface ProblemEntry {
  /** HTTP status. */
  readonly status: number;
  readonly title: string;
  /** What the client can do about it. */
  readonly advice: string;
  /** Sent as `Retry-After` where trying again later can help. */
  readonly retryAfterSeconds?: number;
  /** True where the occurrence's own message may speak of internals: it is logged, and not sent. */
  readonly isPrivate?: true;
}
