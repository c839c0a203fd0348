/**
 * Every way in which an analysis can fail, as the stable `code` that clients, operators and search
 * attributes see. A failure crosses Temporal as `ApplicationFailure.type`; branch on the code, never on a class.
 */
export const FAILURE_CODES = [
  'media_empty',
  'media_unreadable',
  'media_unsupported',
  'media_encrypted',
  'media_no_frames',
  'media_no_video',
  'media_too_large',
  'too_many_frames',
  'decoder_timeout',
  'frames_unreadable',
  'audio_model_missing',
  'media_gone',
  'model_unavailable',
  'model_mismatch',
  'crops_missing',
  'scores_missing',
  'storage_unavailable',
  'worker_lost',
  'step_timed_out',
  'deadline_exceeded',
  'internal_error',
] as const;

export type FailureCode = (typeof FAILURE_CODES)[number];

export function isFailureCode(value: unknown): value is FailureCode {
  return FAILURE_CODES.some((code) => code === value);
}

/** Failures that another attempt cannot mend: the medium is at fault, or what was asked for, or what is stored is gone. */
export const NON_RETRYABLE_CODES: readonly FailureCode[] = [
  'media_empty',
  'media_unreadable',
  'media_unsupported',
  'media_encrypted',
  'media_no_frames',
  'media_no_video',
  'media_too_large',
  'too_many_frames',
  'frames_unreadable',
  'audio_model_missing',
  'media_gone',
  'model_mismatch',
  'crops_missing',
  'scores_missing',
];
