/** Name of the workflow on the wire. */
export const RETENTION = 'retention';

/** ID of the schedule, and of what it starts. @param prefix TASK_QUEUE_PREFIX */
export const retentionScheduleId = (prefix: string): string => `${prefix}retention`;

/** What there is to clean, in this order: an analysis's own blobs, then what several may share. */
export const AREAS = ['runs', 'crops', 'media'] as const;
export type Area = (typeof AREAS)[number];

export interface RetentionInput {
  /** Media, crops and results that were written before this long ago are deleted; null = none. */
  readonly olderThanSeconds: number | null;
  /** What writers that died have left half done is deleted when it is this old. */
  readonly leftoversOlderThanSeconds: number;
  /** Only tells what would be deleted. */
  readonly dryRun: boolean;
  /** Queue of the media workers. */
  readonly queue: string;
}

export interface SweepInput {
  readonly area: Area;
  /** In ms since the epoch: what was written at or after it stays. */
  readonly before: number;
  readonly dryRun: boolean;
  /** Where the page before this one ended; empty at the begin. */
  readonly after: string;
}

/** Analyses, crops of one medium, or media. */
export interface Swept {
  readonly deleted: number;
  /** Old enough, but an analysis runs that may need it. */
  readonly inUse: number;
  readonly blobs: number;
  readonly bytes: number;
}

export interface SweptPage extends Swept {
  /** The first that were deleted, for a person to look at. */
  readonly names: readonly string[];
  /** For the next page's `after`; null at the end. */
  readonly next: string | null;
}

/** The workflow's result, which its memo has as `retention` too. */
export interface RetentionReport {
  readonly dryRun: boolean;
  /** ISO 8601; null = nothing is deleted for its age. */
  readonly deletedBefore: string | null;
  readonly areas: Readonly<Record<Area, Swept & { readonly names: readonly string[] }>>;
  readonly leftovers: { readonly count: number; readonly bytes: number };
}

/** Activities on the media queue. Each may be repeated: what is deleted is not there any more. */
export interface RetentionActivities {
  sweepBlobs(input: SweepInput): Promise<SweptPage>;
  removeLeftovers(input: {
    readonly before: number;
    readonly dryRun: boolean;
  }): Promise<RetentionReport['leftovers']>;
}
