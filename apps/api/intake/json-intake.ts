import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import type { MediaType } from '../../../workflows/contracts/request.js';
import { Problem } from '../problems/problem.js';
import {
  echoedVersion,
  invalidRequest,
  modelVersionSchema,
  parseOptions,
  refuseWhatIsNotOffered,
  type AnalysisOptions,
} from './fields.js';
import { FramesIntake } from './frames/frames-intake.js';
import { parseMediaType } from './media-type.js';
import { ModelChoice } from './model-choice.js';
import type { Submission } from './submission.js';

/** The fields that older clients send too; others are let through and not looked at. */
const fieldsSchema = z.looseObject({
  hash: z.string().max(512, 'expected at most 512 characters').nullish(),
  extractedFrames: z
    .union([z.string(), z.array(z.string())], 'expected a path or a list of paths')
    .nullish(),
  modelVersion: modelVersionSchema,
});

/** A JSON request whose fields are as expected. */
export interface JsonForm {
  readonly mediaType: MediaType;
  readonly hash: string | null;
  readonly files: readonly string[];
  readonly modelVersion: string | null;
  readonly options: AnalysisOptions;
}

/**
 * Reads the fields without touching a file.
 * @throws Problem saying what is wrong with which field
 */
export function parseJsonForm(body: unknown): JsonForm {
  const parsed = fieldsSchema.safeParse(body);
  if (!parsed.success) throw invalidRequest(parsed.error);
  const fields = parsed.data;
  const mediaType = parseMediaType(fields.mediaType);
  refuseWhatIsNotOffered(fields);
  const options = parseOptions(fields.options);
  const files = [fields.extractedFrames ?? []].flat().filter((file) => file !== '');
  if (files.length === 0) {
    throw new Problem(
      'frames_missing',
      `Expected extractedFrames with the paths of the frames of an ${mediaType}, got none.`,
    );
  }
  if (options.sampling !== null) throw samplingOfFrames();
  return {
    mediaType,
    hash: fields.hash ?? null,
    files,
    modelVersion: fields.modelVersion,
    options,
  };
}

function samplingOfFrames(): Problem {
  return new Problem(
    'invalid_request',
    'Expected options without sampling beside extractedFrames, which are taken as they are given; it says which frames of a video are looked at.',
    { members: { errors: [{ field: 'options.sampling', message: 'expected none' }] } },
  );
}

/** Takes the JSON form of a request, whose frames are files on this machine. */
@Injectable()
export class JsonIntake {
  constructor(
    @Inject(FramesIntake) private readonly frames: FramesIntake,
    @Inject(ModelChoice) private readonly models: ModelChoice,
  ) {}

  /** What is wrong with the request's fields is told first, then whether a model is there; only then are files read. */
  async take(body: unknown): Promise<Submission> {
    const form = parseJsonForm(body);
    const { modelVersion } = form;
    const model = await this.models.of({ model: form.options.model, modelVersion });
    return {
      input: await this.frames.take(form.files, form.mediaType),
      declaredMediaType: form.mediaType,
      declaredHash: form.hash,
      modelVersion: echoedVersion(modelVersion),
      sampling: null,
      model,
    };
  }
}
