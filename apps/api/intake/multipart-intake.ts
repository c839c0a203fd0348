import type { MultipartFile } from '@fastify/multipart';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { BlobStore } from '../../../libs/blobs/blob-store.js';
import type { Config } from '../../../libs/platform/config/config.js';
import { mediaKey } from '../../../workflows/contracts/blob-keys.js';
import type { FileInput } from '../../../workflows/contracts/request.js';
import { MAX_FORM_FIELD_BYTES } from '../http/limits.js';
import { Problem } from '../problems/problem.js';
import { Backlog } from '../temporal/backlog.js';
import { BLOBS, CONFIG } from '../tokens.js';
import { echoedVersion } from './fields.js';
import { formParts } from './form-parts.js';
import { limitedStream, uploadTooLarge } from './limited-stream.js';
import { ModelChoice } from './model-choice.js';
import { parseUploadFields } from './upload-fields.js';
import { storeMedium } from './store-medium.js';
import type { Submission } from './submission.js';
import { UploadLimit } from './upload-limit.js';
import { checkUploadHash, parseSha256 } from './upload-hash.js';

/** Name of the form's part that holds the file. */
const FILE_PART = 'media';
/** What a form may take beside the file itself, for a look at Content-Length alone. */
const FORM_OVERHEAD_BYTES = 64 * MAX_FORM_FIELD_BYTES;

/** Takes an upload: streams the file into the blob store while hashing it. Fields may come before or after it. */
@Injectable()
export class MultipartIntake {
  readonly #maxBytes: number;

  constructor(
    @Inject(CONFIG) config: Config,
    @Inject(BLOBS) private readonly blobs: BlobStore,
    @Inject(ModelChoice) private readonly models: ModelChoice,
    @Inject(Backlog) private readonly backlog: Backlog,
    @Inject(UploadLimit) private readonly limit: UploadLimit,
  ) {
    this.#maxBytes = config.http.maxUploadBytes;
  }

  /** Whether anything more can be taken is looked at before the first byte of the form is. */
  take(request: FastifyRequest, tenant: string): Promise<Submission> {
    return this.limit.run(tenant, () => this.#take(request, tenant));
  }

  async #take(request: FastifyRequest, tenant: string): Promise<Submission> {
    await this.models.refuseWithoutAny();
    const length = Number(request.headers['content-length'] ?? 0);
    if (length > this.#maxBytes + FORM_OVERHEAD_BYTES) throw uploadTooLarge(this.#maxBytes);
    await this.backlog.admit(tenant);
    // Who left meanwhile is not told of again: the form would be waited for, and its place kept, for ever.
    if (request.raw.destroyed) {
      throw new Problem('bad_request', 'The client left before its upload was read.');
    }
    const fields: Record<string, string> = {};
    let media: FileInput | null = null;
    for await (const part of formParts(request)) {
      if (part.type === 'field') {
        fields[part.fieldname] = fieldText(part.fieldname, part.value, part.valueTruncated);
        continue;
      }
      refuseOtherFiles(part, media);
      // Whatever is wrong with the fields so far is told before the file is read.
      const { wish } = parseUploadFields(fields);
      if (this.models.isDecided(wish)) await this.models.of(wish);
      if (fields.hash) parseSha256(fields.hash);
      media = await storeMedium(this.blobs, limitedStream(part.file, this.#maxBytes), mediaKey);
    }
    const { declaredMediaType, wish, sampling } = parseUploadFields(fields);
    const model = await this.models.of(wish);
    if (media === null) throw mediaMissing(fields);
    if (media.bytes === 0) {
      throw new Problem(
        'media_empty',
        `Expected a file in the part "${FILE_PART}", got an empty file.`,
      );
    }
    checkUploadHash(fields.hash, media.sha256);
    return {
      tenant,
      input: media,
      declaredMediaType,
      declaredHash: null,
      modelVersion: echoedVersion(wish.modelVersion),
      sampling,
      model,
    };
  }
}

function fieldText(name: string, value: unknown, isTruncated: boolean): string {
  if (isTruncated) {
    throw new Problem(
      'body_too_large',
      `Expected fields of at most ${MAX_FORM_FIELD_BYTES} bytes, got more in ${JSON.stringify(name.slice(0, 80))}.`,
    );
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function refuseOtherFiles({ fieldname }: MultipartFile, media: FileInput | null): void {
  if (fieldname === FILE_PART && media === null) return;
  const got = fieldname === FILE_PART ? 'two' : `one in ${JSON.stringify(fieldname.slice(0, 80))}`;
  throw new Problem(
    'invalid_request',
    `Expected one file, in the part "${FILE_PART}", got ${got}.`,
  );
}

function mediaMissing(fields: Readonly<Record<string, string>>): Problem {
  const got = FILE_PART in fields ? 'a field of that name without a file name' : 'none';
  return new Problem('media_missing', `Expected a file in the part "${FILE_PART}", got ${got}.`);
}
