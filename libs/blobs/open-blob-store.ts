import path from 'node:path';
import { ConfigError, type Config, type S3Config } from '../platform/config/config.js';
import type { Logger } from '../platform/logger.js';
import type { BlobStore, OnDamaged } from './blob-store.js';
import { FolderStore } from './folder-store.js';
import { statusOf } from './s3/s3-errors.js';

/** Parts are at least this large, and larger where an upload would else have too many. */
const LEAST_PART_BYTES = 8 * 1024 * 1024;
/** S3 takes 10,000. */
const MOST_PARTS = 9_000;

/**
 * The store that the configuration names: a bucket where S3_BUCKET is set, else a folder of DATA_DIR.
 *
 * @throws ConfigError when the bucket refuses us; one that only can't be reached now is told to the log
 */
export async function openBlobStore(config: Config, logger: Logger): Promise<BlobStore> {
  const onDamaged: OnDamaged = (damaged) => {
    logger.error(damaged, 'a stored blob is damaged: it counts as not there');
  };
  return config.s3 === null
    ? FolderStore.open(path.join(config.dataDir, 'blobs'), onDamaged)
    : openBucket(config.s3, config, logger, onDamaged);
}

async function openBucket(
  s3: S3Config,
  config: Config,
  logger: Logger,
  onDamaged: OnDamaged,
): Promise<BlobStore> {
  // Loaded here alone: a service with a folder has no use for the client.
  const { S3Store } = await import('./s3-store.js');
  const store = await S3Store.open(
    {
      ...s3,
      timeoutMs: s3.timeoutSeconds * 1000,
      partBytes: Math.max(LEAST_PART_BYTES, Math.ceil(config.http.maxUploadBytes / MOST_PARTS)),
    },
    { folder: path.join(config.dataDir, 'blob-copies'), maxBytes: s3.cacheBytes },
    onDamaged,
  );
  try {
    await store.check();
  } catch (error) {
    const advice = adviceFor(error, s3);
    if (advice !== null) throw new ConfigError(advice);
    logger.warn({ err: error, bucket: s3.bucket }, 'the bucket can not be reached yet');
  }
  return store;
}

/** What to mend; null where waiting may help. */
function adviceFor(error: unknown, { bucket }: S3Config): string | null {
  const status = statusOf(error) ?? 0;
  const said = error instanceof Error ? error.message : String(error);
  if (status === 404)
    return `S3_BUCKET: expected a bucket that is there, got "${bucket}", which is not: make it, or name another one`;
  if (status === 401 || status === 403) {
    return (
      `S3_BUCKET: expected to be let into "${bucket}", but was refused (${status}). Check the credentials ` +
      '(AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or another way of the AWS tools); they need ' +
      's3:ListBucket, s3:GetObject, s3:PutObject, s3:DeleteObject, s3:AbortMultipartUpload and s3:ListBucketMultipartUploads'
    );
  }
  if (status === 301 || status === 400)
    return `S3_BUCKET: the storage refused to tell of "${bucket}" (${status}): check S3_REGION and S3_ENDPOINT`;
  if (error instanceof Error && error.name === 'CredentialsProviderError')
    return `S3_BUCKET: expected credentials for "${bucket}", found none (${said}): set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or another way of the AWS tools`;
  if (/region is missing/i.test(said))
    return `S3_REGION: expected the region of "${bucket}", got none here, in AWS_REGION or in a profile`;
  return null;
}
