import type { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  paginateListObjectsV2,
  PutObjectCommand,
  S3Client,
  UploadPartCopyCommand,
  type ListMultipartUploadsCommandOutput,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import type { ByteRange } from '../blob-store.js';
import { isAbsent } from './s3-errors.js';
import type { S3Settings } from './settings.js';

const CONNECT_LIMIT_MS = 5_000;
/** Parts of one upload that are sent at once; each is held in memory until it is. */
const PARTS_AT_ONCE = 3;
/** Objects up to this are copied by one request, larger ones by parts of it. */
const COPY_BYTES = 128 * 1024 * 1024;
const COPIES_AT_ONCE = 4;
/** What one request may delete. */
const MOST_DELETED = 1_000;

export interface S3Object {
  readonly bytes: number;
  readonly etag: string;
  /** Null for what somebody else has put there. */
  readonly sha256: string | null;
}

export interface S3Entry {
  readonly key: string;
  readonly bytes: number;
  readonly modifiedAt: Date;
}

/**
 * The requests that the store makes of its bucket: the one place that knows the S3 client. Keys have the prefix here.
 * Errors are the client's own; each request has been tried as often as the settings say.
 */
export class Bucket {
  readonly #client: S3Client;
  readonly #bucket: string;

  constructor(private readonly settings: S3Settings) {
    const { bucket, endpoint, region, forcePathStyle, maxAttempts, timeoutMs } = settings;
    this.#bucket = bucket;
    this.#client = new S3Client({
      ...(endpoint === null ? {} : { endpoint }),
      ...(region === null ? {} : { region }),
      forcePathStyle,
      maxAttempts,
      requestHandler: {
        connectionTimeout: CONNECT_LIMIT_MS,
        requestTimeout: timeoutMs,
        throwOnRequestTimeout: true,
        socketTimeout: timeoutMs,
        httpAgent: { keepAlive: true, maxSockets: 100 },
        httpsAgent: { keepAlive: true, maxSockets: 100 },
      },
    });
  }

  async check(): Promise<void> {
    await this.#client.send(new HeadBucketCommand({ Bucket: this.#bucket }));
  }

  /** @param onlyNew fails with 412 where the key has an object */
  async put(key: string, bytes: Uint8Array, sha256: string, onlyNew: boolean): Promise<void> {
    await this.#client.send(
      new PutObjectCommand({
        ...this.#at(key),
        Body: bytes,
        Metadata: { sha256 },
        ...(onlyNew ? { IfNoneMatch: '*' } : {}),
      }),
    );
  }

  async head(key: string): Promise<S3Object | null> {
    try {
      const found = await this.#client.send(new HeadObjectCommand(this.#at(key)));
      return objectOf(found);
    } catch (error) {
      if (isAbsent(error)) return null;
      throw error;
    }
  }

  /** @param etag fails with 412 where the object is no longer this one */
  async get(
    key: string,
    { range, etag }: { readonly range?: ByteRange; readonly etag?: string } = {},
  ): Promise<(S3Object & { readonly body: Readable }) | null> {
    try {
      const found = await this.#client.send(
        new GetObjectCommand({
          ...this.#at(key),
          ...(range === undefined ? {} : { Range: `bytes=${range.start}-${range.end}` }),
          ...(etag === undefined ? {} : { IfMatch: etag }),
        }),
      );
      return { ...objectOf(found), body: found.Body as Readable };
    } catch (error) {
      if (isAbsent(error)) return null;
      throw error;
    }
  }

  /** Sends a stream by parts; what was sent of one that fails is removed. */
  async upload(key: string, body: Readable): Promise<void> {
    const upload = new Upload({
      client: this.#client,
      params: { ...this.#at(key), Body: body },
      partSize: this.settings.partBytes,
      queueSize: PARTS_AT_ONCE,
      leavePartsOnError: false,
    });
    await upload.done();
  }

  /** Copies an object within the store, over what the target has; its bytes don't pass through here. */
  async copy(from: string, to: string, bytes: number, sha256: string): Promise<void> {
    const CopySource = [this.#bucket, ...from.split('/')].map(encodeURIComponent).join('/');
    const Metadata = { sha256 };
    if (bytes <= COPY_BYTES) {
      await this.#client.send(
        new CopyObjectCommand({
          ...this.#at(to),
          CopySource,
          Metadata,
          MetadataDirective: 'REPLACE',
        }),
      );
      return;
    }
    const created = await this.#client.send(
      new CreateMultipartUploadCommand({ ...this.#at(to), Metadata }),
    );
    const upload = { ...this.#at(to), UploadId: created.UploadId };
    try {
      const Parts = await this.#copyParts(upload, CopySource, bytes);
      await this.#client.send(
        new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }),
      );
    } catch (error) {
      await this.#client.send(new AbortMultipartUploadCommand(upload)).catch(() => undefined);
      throw error;
    }
  }

  async *list(prefix: string, after: string): AsyncGenerator<S3Entry> {
    const query = { Bucket: this.#bucket, Prefix: prefix, StartAfter: after };
    for await (const page of paginateListObjectsV2({ client: this.#client }, query)) {
      for (const { Key, Size, LastModified } of page.Contents ?? []) {
        if (Key === undefined || LastModified === undefined) continue;
        yield { key: Key, bytes: Size ?? 0, modifiedAt: LastModified };
      }
    }
  }

  async delete(keys: readonly string[]): Promise<void> {
    for (let from = 0; from < keys.length; from += MOST_DELETED) {
      const Objects = keys.slice(from, from + MOST_DELETED).map((Key) => ({ Key }));
      const { Errors = [] } = await this.#client.send(
        new DeleteObjectsCommand({ Bucket: this.#bucket, Delete: { Objects, Quiet: true } }),
      );
      const [failed] = Errors;
      if (failed !== undefined)
        throw Object.assign(new Error(failed.Message), { name: failed.Code });
    }
  }

  /** Uploads that were begun and not ended. */
  async *uploads(prefix: string): AsyncGenerator<{ key: string; id: string; begunAt: Date }> {
    let marker: { readonly KeyMarker?: string; readonly UploadIdMarker?: string } | null = {};
    while (marker !== null) {
      const page: ListMultipartUploadsCommandOutput = await this.#client.send(
        new ListMultipartUploadsCommand({ Bucket: this.#bucket, Prefix: prefix, ...marker }),
      );
      for (const { Key, UploadId, Initiated } of page.Uploads ?? []) {
        if (Key === undefined || UploadId === undefined || Initiated === undefined) continue;
        yield { key: Key, id: UploadId, begunAt: Initiated };
      }
      const { IsTruncated, NextKeyMarker, NextUploadIdMarker } = page;
      marker =
        IsTruncated === true
          ? { KeyMarker: NextKeyMarker, UploadIdMarker: NextUploadIdMarker }
          : null;
    }
  }

  async abort(key: string, uploadId: string): Promise<void> {
    await this.#client.send(
      new AbortMultipartUploadCommand({ ...this.#at(key), UploadId: uploadId }),
    );
  }

  close(): void {
    this.#client.destroy();
  }

  async #copyParts(
    upload: {
      readonly Bucket: string;
      readonly Key: string;
      readonly UploadId: string | undefined;
    },
    CopySource: string,
    bytes: number,
  ): Promise<{ PartNumber: number; ETag?: string }[]> {
    const count = Math.ceil(bytes / COPY_BYTES);
    const parts: { PartNumber: number; ETag?: string }[] = [];
    let next = 0;
    const lane = async () => {
      while (next < count) {
        const index = next++;
        const end = Math.min(bytes, (index + 1) * COPY_BYTES) - 1;
        const { CopyPartResult } = await this.#client.send(
          new UploadPartCopyCommand({
            ...upload,
            PartNumber: index + 1,
            CopySource,
            CopySourceRange: `bytes=${index * COPY_BYTES}-${end}`,
          }),
        );
        parts[index] = { PartNumber: index + 1, ETag: CopyPartResult?.ETag };
      }
    };
    await Promise.all(Array.from({ length: Math.min(COPIES_AT_ONCE, count) }, lane));
    return parts;
  }

  #at(key: string): { readonly Bucket: string; readonly Key: string } {
    return { Bucket: this.#bucket, Key: key };
  }
}

function objectOf(answer: {
  readonly ContentLength?: number;
  readonly ETag?: string;
  readonly Metadata?: Readonly<Record<string, string>>;
}): S3Object {
  return {
    bytes: answer.ContentLength ?? 0,
    etag: answer.ETag ?? '',
    sha256: answer.Metadata?.sha256 ?? null,
  };
}
