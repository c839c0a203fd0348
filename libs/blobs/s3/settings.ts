/** Where the bucket is and how patient its client is. */
export interface S3Settings {
  readonly bucket: string;
  /** Null = Amazon's own. */
  readonly endpoint: string | null;
  /** Null = what the AWS configuration says. */
  readonly region: string | null;
  /** Goes before every key: empty, or ending in "/". */
  readonly prefix: string;
  /** `endpoint/bucket/key` instead of `bucket.endpoint/key`. */
  readonly forcePathStyle: boolean;
  /** Tries of one request, with growing random pauses between them. */
  readonly maxAttempts: number;
  /** How long one request may take to be answered, and a transfer may stand still. */
  readonly timeoutMs: number;
  /** Bytes of one part of an upload; the most that an object may have is 10,000 of them. */
  readonly partBytes: number;
}
