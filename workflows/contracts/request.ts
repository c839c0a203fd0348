import type { TaskQueues } from './queues.js';
import type { RunLimits } from './run-limits.js';
import type { Sampling } from './sampling.js';

export const MEDIA_TYPES = ['IMAGE', 'VIDEO', 'AUDIO'] as const;
export type MediaType = (typeof MEDIA_TYPES)[number];

/** One medium, stored under its own hash. */
export interface FileInput {
  readonly kind: 'file';
  /** Blob key of the bytes, see {@link file://./blob-keys.ts}. */
  readonly key: string;
  readonly sha256: string;
  readonly bytes: number;
  /**
   * What the first bytes say it is, as an Internet media type: for people, what decides is the probe. Null where they say nothing,
   * absent where nobody looked.
   */
  readonly contentType?: string | null;
}

/** A frame that the client extracted itself. `key` is null where the frame could not be read at intake. */
export interface FrameInput {
  /** Index in the client's `extractedFrames` list. */
  readonly index: number;
  readonly key: string | null;
}

/** Frames extracted by the client; the medium itself was never seen. */
export interface FramesInput {
  readonly kind: 'frames';
  /** SHA-256 over the frames' own hashes in order: what identifies this input. */
  readonly sha256: string;
  /** Length of the client's list, of which `frames` may be an even sample. */
  readonly total: number;
  readonly frames: readonly FrameInput[];
}

export type MediaInput = FileInput | FramesInput;

/** Input of the `analyzeMedia` workflow: keys and numbers, never pixels. */
export interface AnalysisRequest {
  readonly analysisId: string;
  /**
   * Names the crops: the same for analyses of the same media of one tenant, whichever model they are for. Absent in runs
   * that an earlier release has started.
   */
  readonly cropsId?: string;
  readonly tenant: string;
  readonly input: MediaInput;
  /** What the client said the medium is; null = decided by its content. Frames are always declared. */
  readonly mediaType: MediaType | null;
  /** The hash the client gave for the medium it took its frames from; kept, not checked. */
  readonly declaredHash: string | null;
  /** The request's `modelVersion`, echoed in the result. */
  readonly modelVersion: string;
  /** {@link PIPELINE_REVISION} of the intake; part of the analysis ID. */
  readonly pipeline: string;
  /** Which frames of a video are looked at; null or absent = nothing was asked for. Part of the analysis ID. */
  readonly sampling?: Sampling | null;
  /** Absent in runs that an earlier release has started. */
  readonly limits?: Partial<RunLimits>;
  /** Fingerprint of the model the analysis ID was made for; a fleet that runs another one is refused. */
  readonly modelFingerprint: string;
  /** `inference` is the queue of the model that was chosen. */
  readonly queues: Pick<TaskQueues, 'media' | 'inference'> & {
    /**
     * Whether workers take the segments of long media from `batchQueue` of each. Absent where some don't, as an earlier
     * release's.
     */
    readonly hasBatch?: boolean;
    /** Whether the run waits for its turn, on `turnQueue`. Absent as above. */
    readonly hasTurns?: boolean;
  };
  /** How long the run may take from its start, waiting included. Absent in runs that an earlier release has started. */
  readonly deadlineSeconds?: number;
  /** How often one segment's work is tried before the analysis fails. Absent as above. */
  readonly segmentTries?: number;
}

/** Risks (0..100) that part the verdicts: `fake` and above is likely fake, `real` and below likely real. */
export interface Thresholds {
  readonly fake: number;
  readonly real: number;
}

/** Input of the `aggregateAgain` workflow: a new verdict on the scores that another analysis has made. */
export interface AggregateAgainRequest {
  readonly analysisId: string;
  /** The analysis whose scores are used. */
  readonly of: string;
  readonly thresholds: Thresholds;
  readonly tenant: string;
  readonly mediaSha256: string;
  readonly queues: Pick<TaskQueues, 'media'>;
  readonly deadlineSeconds?: number;
}

/**
 * Revision of everything but the model that can change a result: sampling, detection, cropping, scoring and
 * verdict rules. Part of the analysis ID, so that a changed pipeline never answers with an old result.
 */
export const PIPELINE_REVISION = '2';
