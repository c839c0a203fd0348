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

  /**
   * @param finding what was expected and what came
   * @param options.waysOut what an operator of the service can do, where that is more than the finding says
   */
  constructor(
    readonly code: ModelErrorCode,
    readonly finding: string,
    { waysOut, ...options }: ErrorOptions & { readonly waysOut?: string } = {},
  ) {
    super(waysOut === undefined ? finding : `${finding} ${waysOut}`, options);
  }
}
