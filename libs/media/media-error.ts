/**
 * Why a medium can't be judged:
 * - `media_empty`: 0 bytes
 * - `media_unsupported`: a format that isn't taken (SVG, PDF, playlists, …)
 * - `media_unreadable`: damaged, cut off, or of unknown type
 * - `media_encrypted`: pictures that only who has a key can read
 * - `media_no_video`: sound alone
 * - `media_no_frames`: a video track in which nothing can be decoded
 * - `media_too_large`: over the limit of pixels or length
 * - `frames_unreadable`: none of a client's own frames can be read
 * - `decoder_timeout`: reading it took longer than allowed, or stopped making progress
 */
export type MediaErrorCode =
  | 'media_empty'
  | 'media_unsupported'
  | 'media_unreadable'
  | 'media_encrypted'
  | 'media_no_video'
  | 'media_no_frames'
  | 'media_too_large'
  | 'frames_unreadable'
  | 'decoder_timeout';

/** Facts behind the message, for programs. */
export type MediaErrorDetails = Readonly<Record<string, string | number>>;

/** The medium can't be judged. The message reaches the client: it names no path of this machine. */
export class MediaError extends Error {
  override readonly name = 'MediaError';
  readonly details: MediaErrorDetails;

  constructor(
    readonly code: MediaErrorCode,
    message: string,
    { details = {}, ...options }: ErrorOptions & { readonly details?: MediaErrorDetails } = {},
  ) {
    super(message, options);
    this.details = details;
  }
}

/** What is taken, for messages. */
export const ACCEPTED_MEDIA =
  'a picture (JPEG, PNG, WebP, AVIF, HEIC, TIFF, BMP, GIF) or a video (MP4, MOV, MKV, WebM, AVI, MPEG-TS, FLV, animated GIF or WebP)';
