import { z } from 'zod';
import type { MediaType } from '../../../workflows/contracts/request.js';
import type { Sampling } from '../../../workflows/contracts/sampling.js';
import { Problem } from '../problems/problem.js';
import {
  invalidRequest,
  isGiven,
  modelVersionSchema,
  parseOptions,
  refuseWhatIsNotOffered,
} from './fields.js';
import { parseMediaType } from './media-type.js';
import type { ModelWish } from './wanted-model.js';

const schema = z.object({ modelVersion: modelVersionSchema });

export interface UploadFields {
  /** Null = decided by the file's content. */
  readonly declaredMediaType: MediaType | null;
  readonly wish: ModelWish;
  /** Null = not said. */
  readonly sampling: Sampling | null;
}

/**
 * Reads the form's fields, as far as they have come.
 * @throws Problem saying what is wrong with which field
 */
export function parseUploadFields(fields: Readonly<Record<string, string>>): UploadFields {
  refuseWhatIsNotOffered(fields);
  if (isGiven(fields.mediaUrl)) {
    throw new Problem(
      'invalid_request',
      'Expected mediaUrl in a JSON request, got it in a form. Send either the URL as JSON or the file in the form.',
    );
  }
  const parsed = schema.safeParse(fields);
  if (!parsed.success) throw invalidRequest(parsed.error);
  const { model, sampling } = parseOptions(parseOptionsText(fields.options));
  return {
    declaredMediaType: fields.mediaType ? parseMediaType(fields.mediaType) : null,
    wish: { model, modelVersion: parsed.data.modelVersion },
    sampling,
  };
}

function parseOptionsText(text: string | undefined): unknown {
  if (text === undefined || text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    throw new Problem('invalid_request', 'Expected options as a JSON object, got other text.');
  }
}
