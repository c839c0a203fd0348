import type { CropsOf, SegmentName } from './blob-keys.js';
import type {
  AggregateAgainRequest,
  AnalysisRequest,
  MediaInput,
  MediaType,
  Thresholds,
} from './request.js';
import type { Box, ModelFacts, SeedScores, Verdict, VerdictReason } from './result.js';
import type { VerdictLogic } from './verification.js';
import type { Segment } from '../segment-plan.js';

/** What an inference worker runs, and what the crops it takes must look like. */
export interface DescribedModel {
  readonly model: ModelFacts;
  readonly crop: CropFormat;
}

/** Crops are squares of `size` pixels, resized with Pillow's filter `resample` (1 Lanczos, 2 bilinear, 3 bicubic). */
export interface CropFormat {
  readonly size: number;
  readonly resample: 1 | 2 | 3;
}

/** What the medium is, read from its bytes. Pixels are upright ones, after rotation. */
export interface ProbedMedia {
  readonly mediaType: MediaType;
  readonly container: string | null;
  readonly codec: string | null;
  readonly width: number;
  readonly height: number;
  /** Null for stills and client frames. */
  readonly durationSeconds: number | null;
  /** Average frames per second; null for stills, client frames and where unknown. */
  readonly frameRate: number | null;
  readonly variableFrameRate: boolean;
  /** Timestamp of the first frame on the container's own clock; all other times count from it. */
  readonly startSeconds: number;
  /** How the stored picture becomes upright: turned clockwise, then, if mirrored, left and right swapped. */
  readonly rotationDegrees: 0 | 90 | 180 | 270;
  readonly mirrored: boolean;
  /** Index of the video's stream. Absent, as the next two, in runs that an earlier release has started. */
  readonly streamIndex?: number | null;
  /** Whether a frame may hold the fields of two moments. */
  readonly interlaced?: boolean;
  /** How brightness beyond a display's white is told; null where there is none. */
  readonly hdr?: 'pq' | 'hlg' | null;
  readonly bytes: number | null;
}

export interface ProbeMediaInput {
  readonly input: MediaInput;
  readonly mediaType: MediaType | null;
  /** How a video will be sampled; tells whether its segments are many. Absent in runs that an earlier release has started. */
  readonly sampling?: AnalysisRequest['sampling'];
}

export interface ExtractFacesInput extends CropsOf {
  readonly input: MediaInput;
  readonly probed: ProbedMedia;
  readonly segment: Segment;
}

/** Where a segment's crops are and how its samples fared. */
export interface ExtractedFaces {
  readonly segment: SegmentName;
  readonly sampled: number;
  readonly decoded: number;
  readonly unreadable: number;
  readonly withoutFace: number;
  /** True when the output of an earlier attempt, or of another model's analysis, was found and nothing was decoded. */
  readonly reused: boolean;
}

/** One crop of a segment; its position in the list is its position in the crops blob. */
export interface SegmentSample {
  readonly frame: number;
  /** Presentation time in seconds; null for stills and client frames. */
  readonly seconds: number | null;
  readonly box: Box | null;
  /** Detector's score of the chosen face, 0..1; null for the whole picture. */
  readonly faceScore: number | null;
}

/** `samples.json` of a segment. */
export interface SegmentSamples extends Omit<ExtractedFaces, 'reused'> {
  readonly faceDetector: string;
  readonly crop: CropFormat;
  readonly samples: readonly SegmentSample[];
}

export interface ScoreFacesInput extends CropsOf {
  readonly segment: SegmentName;
  readonly count: number;
  /** Fingerprint of the model the run was described with; another one is refused with `model_mismatch`. */
  readonly fingerprint: string;
}

export interface ScoredFaces {
  readonly segment: SegmentName;
  readonly count: number;
  /** Of the model that has scored. */
  readonly fingerprint: string;
  /** Highest fake probability of the segment, 0..1; null when nothing was scored. */
  readonly maxProbability: number | null;
  readonly reused: boolean;
}

/** `scores-<fingerprint>.json` of a segment: fake probability 0..1 of each crop, in the crops' order. */
export interface SegmentScores {
  readonly fingerprint: string;
  readonly fakeProbabilities: readonly number[];
}

/** Details of `crops_missing` and `scores_missing`: of which segments what an earlier step has stored is not there any more. */
export interface LostSegments {
  readonly segments: readonly SegmentName[];
}

export interface AggregateInput {
  readonly request: AnalysisRequest;
  readonly probed: ProbedMedia;
  readonly model: ModelFacts;
  readonly crop: CropFormat;
  /** Only of runs that an earlier release has started; else they follow from the request and what was probed. */
  readonly segments?: readonly Segment[];
  /** Segments of the second look. */
  readonly closer?: readonly Segment[];
  /** When the run started, in ms since the epoch. */
  readonly startedAt: number;
  /** Of a result that is made of another analysis's scores; absent = the request's own. */
  readonly analysisId?: string;
  /** Risks (0..100) that part the verdicts; absent = the pipeline's own. */
  readonly thresholds?: Thresholds;
}

export interface AggregateAgainInput {
  readonly again: AggregateAgainRequest;
  /** When the run started, in ms since the epoch. */
  readonly startedAt: number;
}

/** What the second look of `adaptive` follows from: the stored scores of the first pass. */
export type PlanCloserLookInput = Omit<AggregateInput, 'segments' | 'closer' | 'startedAt'>;

/** The workflow's own result: what fits a list; the evidence is in `result.json`. */
export interface AnalysisSummary {
  readonly analysisId: string;
  readonly verdict: Verdict;
  readonly reasons: readonly VerdictReason[];
  readonly scores: SeedScores;
  readonly framesScored: number;
  readonly resultKey: string;
}

export interface EvidenceFace {
  readonly frame: number;
  readonly seconds: number | null;
  readonly p: number;
  readonly why: 'highest' | 'median' | 'lowest';
}

/** `faces/index.json`. */
export interface EvidenceFaces {
  readonly faces: readonly EvidenceFace[];
}

/** Activities on the media queue. */
export interface MediaActivities {
  probeMedia(input: ProbeMediaInput): Promise<ProbedMedia>;
  extractFaces(input: ExtractFacesInput): Promise<ExtractedFaces>;
  planCloserLook(input: PlanCloserLookInput): Promise<{ readonly segments: readonly Segment[] }>;
  aggregate(input: AggregateInput): Promise<AnalysisSummary>;
}

export interface VerifiedVerdict {
  readonly logic: VerdictLogic;
  /** What the scores were made of. */
  readonly segments: readonly ScoreFacesInput[];
}

export interface RescoredFaces {
  /** Largest difference of a fake probability from the stored one, 0..1. */
  readonly maxDifference: number;
}

/** Activities on the media queue for what is stored of earlier analyses. */
export interface ReviewActivities {
  aggregateAgain(input: AggregateAgainInput): Promise<AnalysisSummary>;
  verifyVerdict(input: { readonly analysisId: string }): Promise<VerifiedVerdict>;
}

/** Activities on the inference queue for the same. */
export interface RescoreActivities {
  rescoreFaces(input: ScoreFacesInput): Promise<RescoredFaces>;
}

/** Activities on the inference queue. */
export interface InferenceActivities {
  describeModel(): Promise<DescribedModel>;
  scoreFaces(input: ScoreFacesInput): Promise<ScoredFaces>;
}
