import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import type { FileInput, MediaType } from '../../../workflows/contracts/request.js';
import { Backlog } from '../temporal/backlog.js';
import { Problem } from '../problems/problem.js';
import {
  echoedVersion,
  invalidRequest,
  isGiven,
  modelVersionSchema,
  parseOptions,
  refuseWhatIsNotOffered,
  type AnalysisOptions,
} from './fields.js';
import { FramesIntake } from './frames/frames-intake.js';
import { parseMediaType } from './media-type.js';
import { MediaDownload } from './media-url/media-download.js';
import { ModelChoice } from './model-choice.js';
import type { Submission } from './submission.js';
import { UploadLimit } from './upload-limit.js';
import { parseSha256 } from './upload-hash.js';

/** The fields that older clients send too; others are let through and not looked at. */
const fieldsSchema = z.looseObject({
  hash: z.string().max(512, 'expected at most 512 characters').nullish(),
  extractedFrames: z
    .union([z.string(), z.array(z.string())], 'expected a path or a list of paths')
    .nullish(),
  mediaUrl: z.string('expected a URL').nullish(),
  modelVersion: modelVersionSchema,
});

/** What a JSON request names its media by. */
export type NamedMedia =
  | { readonly kind: 'frames'; readonly mediaType: MediaType; readonly files: readonly string[] }
  | { readonly kind: 'url'; readonly mediaType: MediaType | null; readonly url: string };

/** A JSON request whose fields are as expected. */
export interface JsonForm {
  readonly media: NamedMedia;
  readonly hash: string | null;
  readonly modelVersion: string | null;
  readonly options: AnalysisOptions;
}

/**
 * Reads the fields without touching a file or asking another server.
 * @throws Problem saying what is wrong with which field
 */
export function parseJsonForm(body: unknown): JsonForm {
  if (body === undefined || body === null) {
    throw new Problem(
      'invalid_request',
      'Expected JSON with extractedFrames or mediaUrl, or multipart/form-data with the medium as part "media", got no body.',
    );
  }
  const parsed = fieldsSchema.safeParse(body);
  if (!parsed.success) throw invalidRequest(parsed.error);
  const fields = parsed.data;
  const media = mediaOf(fields);
  refuseWhatIsNotOffered(fields);
  const options = parseOptions(fields.options);
  if (media.kind === 'frames' && options.sampling !== null) throw samplingOfFrames();
  return {
    media,
    hash: fields.hash ?? null,
    modelVersion: fields.modelVersion,
    options,
  };
}

function mediaOf(fields: z.output<typeof fieldsSchema>): NamedMedia {
  const files = [fields.extractedFrames ?? []].flat().filter((file) => file !== '');
  if (isGiven(fields.mediaUrl)) {
    if (files.length > 0) {
      throw new Problem(
        'invalid_request',
        'Expected either mediaUrl or extractedFrames, got both.',
      );
    }
    const mediaType = isGiven(fields.mediaType) ? parseMediaType(fields.mediaType) : null;
    return { kind: 'url', mediaType, url: fields.mediaUrl ?? '' };
  }
  const mediaType = parseMediaType(fields.mediaType);
  if (files.length > 0) return { kind: 'frames', mediaType, files };
  throw new Problem(
    'frames_missing',
    `Expected mediaUrl, or extractedFrames with the paths of the frames of an ${mediaType}, got none.`,
  );
}

function samplingOfFrames(): Problem {
  return new Problem(
    'invalid_request',
    'Expected options without sampling beside extractedFrames, which are taken as they are given; it says which frames of a video are looked at.',
    { members: { errors: [{ field: 'options.sampling', message: 'expected none' }] } },
  );
}

/** Takes the JSON form of a request, whose frames are files on this machine or whose medium lies on the web. */
@Injectable()
export class JsonIntake {
  constructor(
    @Inject(FramesIntake) private readonly frames: FramesIntake,
    @Inject(MediaDownload) private readonly downloads: MediaDownload,
    @Inject(ModelChoice) private readonly models: ModelChoice,
    @Inject(Backlog) private readonly backlog: Backlog,
    @Inject(UploadLimit) private readonly limit: UploadLimit,
  ) {}

  /**
   * What is wrong with the request's fields is told first, then whether a model is there; only then are files read.
   * @param signal ends a download
   */
  async take(body: unknown, tenant: string, signal: AbortSignal): Promise<Submission> {
    const { media, hash, modelVersion, options } = parseJsonForm(body);
    if (media.kind === 'url') {
      this.downloads.parse(media.url);
      if (isGiven(hash)) parseSha256(hash ?? '');
    }
    const model = await this.models.of({ model: options.model, modelVersion });
    const input =
      media.kind === 'frames'
        ? await this.frames.take(media.files, media.mediaType, tenant)
        : await this.#download(media.url, hash, tenant, signal);
    return {
      tenant,
      input,
      declaredMediaType: media.mediaType,
      // The hash of what the frames were taken from; that of a file was checked.
      declaredHash: media.kind === 'frames' ? hash : null,
      modelVersion: echoedVersion(modelVersion),
      sampling: options.sampling,
      model,
    };
  }

  #download(
    url: string,
    hash: string | null,
    tenant: string,
    signal: AbortSignal,
  ): Promise<FileInput> {
    return this.limit.run(tenant, async () => {
      await this.backlog.admit(tenant);
      return this.downloads.store(this.downloads.parse(url), hash, signal);
    });
  }
}
