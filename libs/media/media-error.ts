export type MediaErrorCode =
  | 'media_empty'
  | 'media_unreadable'
  | 'media_unsupported'
  | 'media_no_frames'
  | 'media_no_video'
  | 'media_too_large'
  | 'frames_unreadable'
  | 'decoder_timeout';

/** The medium can't be judged. The message reaches the client: it names no path of this machine. */
export class MediaError extends Error {
  override readonly name = 'MediaError';
  constructor(
    readonly code: MediaErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** What is taken, for messages. */
export const ACCEPTED_MEDIA =
  'a picture (JPEG, PNG, WebP, AVIF, TIFF, GIF) or a video (MP4, MOV, MKV, WebM, AVI, MPEG-TS, FLV, animated GIF)';
