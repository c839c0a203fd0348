import type { MediaType } from './request.js';

/** The seed service's score fields: percentages 0..100 rounded to 2 decimals; names are its clients' names. */
export interface SeedScores {
  readonly video_score: number;
  readonly peak_risk: number;
  readonly mean_risk: number;
  readonly audio_score: number;
  readonly gan_fingerprint: number;
  readonly temporal_consistency: number;
  readonly risk_score: number;
  readonly confidence: number;
}

export type Verdict = 'likely_fake' | 'likely_real' | 'inconclusive' | 'not_analysed';

/** Why the verdict is what it is. */
export type VerdictReason =
  | 'risk_at_or_above_fake_threshold'
  | 'risk_at_or_below_real_threshold'
  | 'risk_between_thresholds'
  | 'high_risk_in_part_of_the_media'
  | 'no_face_found'
  | 'coverage_too_low';

/** Things a reader must know about how the result came about. */
export type ResultFlag =
  /** No face in any sample: the whole picture was scored. */
  | 'whole_image_scored'
  /** No face in some samples: for those the whole picture was scored. */
  | 'some_frames_without_face'
  /** Some samples could not be decoded and are missing from the scores. */
  | 'some_frames_unreadable'
  /** The bundled demo model ran: it only recognises the demo's own kind of edit. */
  | 'demo_model'
  /** The client called the medium something else than what its bytes are. */
  | 'declared_media_type_mismatch';

/** `[x, y, width, height]` in pixels of the upright picture. */
export type Box = readonly [number, number, number, number];

/** One scored sample. */
export interface TimelineEntry {
  /** Index in `extractedFrames`, or the sample's number over the whole medium. */
  readonly frame: number;
  /** Presentation time in seconds; null for stills and `extractedFrames`. */
  readonly t: number | null;
  /** Fake probability, 0..1. */
  readonly p: number;
  /** The face box exactly as used for the crop, or null for the whole picture. */
  readonly box: Box | null;
  /** Index in `tracks`, or null for the whole picture. */
  readonly track: number | null;
}

/** One face followed over the medium. */
export interface FaceTrack {
  readonly track: number;
  readonly samples: number;
  readonly first_seconds: number | null;
  readonly last_seconds: number | null;
  readonly mean_p: number;
  readonly max_p: number;
  /** Frame of the highest fake probability. */
  readonly peak_frame: number;
}

export interface Coverage {
  /** `still`, `frames` (given by the client), or which of a video's policies ran: see `Sampling`. */
  readonly policy: 'still' | 'frames' | 'even' | 'fps' | 'keyframes';
  readonly duration_seconds: number | null;
  /** Time that samples stand for: each half-way to its neighbours, and at most 6 s to either side. */
  readonly analysed_seconds: number | null;
  /** Frames that were to be decoded; of key frames, those that were found. */
  readonly frames_sampled: number;
  readonly frames_decoded: number;
  readonly frames_unreadable: number;
  readonly frames_without_face: number;
  /** Spans `[from, to]` in seconds for which no sample stands, in order of time. */
  readonly gaps: readonly (readonly [number, number])[];
}

export interface MediaFacts {
  /** SHA-256 of the medium's bytes; for `extractedFrames` of the list of the frames' hashes. */
  readonly sha256: string;
  readonly declared_hash: string | null;
  readonly media_type: MediaType;
  readonly bytes: number | null;
  readonly container: string | null;
  readonly codec: string | null;
  readonly width: number;
  readonly height: number;
  readonly duration_seconds: number | null;
  readonly frame_rate: number | null;
  readonly rotation_degrees: number;
}

/** What really ran. */
export interface ModelFacts {
  readonly id: string;
  readonly revision: string;
  readonly weights_sha256: string;
  readonly architecture: string;
  readonly dtype: string;
  readonly device: string;
  readonly graph_builder: string;
  readonly input_size: number;
  readonly processor: ProcessorFacts;
  /** How far a precision below fp32 is from fp32; null for fp32 itself. */
  readonly accuracy: AccuracyFacts | null;
  readonly labels: readonly string[];
  readonly fake_label: string;
  readonly fingerprint: string;
}

/** How crops became the model's input: squashed to a square, rescaled, normalised by channel. */
export interface ProcessorFacts {
  /** Pillow's filter: 1 Lanczos, 2 bilinear, 3 bicubic. */
  readonly resample: number;
  readonly rescale_factor: number;
  readonly image_mean: readonly number[];
  readonly image_std: readonly number[];
}

/** Differences of fake probabilities (0..1) from fp32's, as measured when the model was first loaded. */
export interface AccuracyFacts {
  readonly pictures: number;
  readonly max_difference: number;
  readonly mean_difference: number;
  /** The largest difference that is accepted. */
  readonly bound: number;
}

export interface PipelineFacts {
  readonly revision: string;
  readonly face_detector: string;
  readonly crop_margin: number;
  readonly fake_threshold: number;
  readonly real_threshold: number;
}

/** `result.json`, and the body of a finished analysis: the seed's ten fields at top level, then the evidence. */
export interface AnalysisResult extends SeedScores {
  /** Milliseconds from the start of the run to its aggregation. */
  readonly inference_time: number;
  /** The request's `modelVersion`; `model` says what really ran. */
  readonly model_version: string;
  readonly id: string;
  readonly verdict: Verdict;
  readonly reasons: readonly VerdictReason[];
  readonly coverage: Coverage;
  readonly tracks: readonly FaceTrack[];
  readonly timeline: readonly TimelineEntry[];
  readonly flags: readonly ResultFlag[];
  readonly media: MediaFacts;
  readonly model: ModelFacts;
  readonly pipeline: PipelineFacts;
  /** ISO 8601, UTC. */
  readonly created_at: string;
}
