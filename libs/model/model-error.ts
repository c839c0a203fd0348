export type ModelErrorCode =
  | 'model_not_found'
  | 'model_download_failed'
  | 'model_invalid'
  | 'model_unsupported'
  | 'model_inaccurate'
  | 'device_unavailable'
  | 'model_failed';

/** The model can't be had, isn't understood, or gave no answer. The message says what to do. */
export class ModelError extends Error {
  override readonly name = 'ModelError';
  constructor(
    readonly code: ModelErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
