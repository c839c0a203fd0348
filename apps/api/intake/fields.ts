import { z } from 'zod';
import type { Sampling } from '../../../workflows/contracts/sampling.js';
import { Problem } from '../problems/problem.js';
import { samplingSchema } from './sampling.js';

const DEFAULT_MODEL_VERSION = 'v2';
export const MAX_MODEL_VERSION_LENGTH = 100;

/** A field of the contract that is not offered; accepting and ignoring it would mislead. */
const NOT_OFFERED = 'callbackUrl';

const optionsSchema = z.strictObject({
  model: z.string().min(1).nullish(),
  sampling: samplingSchema.nullish(),
});

/** What a request may ask for beside its medium. */
export interface AnalysisOptions {
  /** Alias of the model that must be the one to answer; null = not said here. */
  readonly model: string | null;
  /** Which frames of a video are looked at; null = not said. */
  readonly sampling: Sampling | null;
}

/** The request's `modelVersion`: an alias, or old clients' "v1", "v2" and whatever else; null = not given. */
export const modelVersionSchema = z
  .string()
  .max(MAX_MODEL_VERSION_LENGTH, `expected at most ${MAX_MODEL_VERSION_LENGTH} characters`)
  .nullish()
  .transform((value) => (value === undefined || value === '' ? null : value));

/** What the result echoes. */
export function echoedVersion(modelVersion: string | null): string {
  return modelVersion ?? DEFAULT_MODEL_VERSION;
}

/** @throws Problem `not_supported` */
export function refuseWhatIsNotOffered(fields: Readonly<Record<string, unknown>>): void {
  if (!isGiven(fields[NOT_OFFERED])) return;
  throw new Problem(
    'not_supported',
    `Expected a request without ${NOT_OFFERED}, which this version does not offer. ` +
      'Ask for the result at GET /api/v1/inference/{id}.',
    { members: { fields: [NOT_OFFERED] } },
  );
}

/** Null and an empty text count as not given, as older clients send them. */
export function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}

/**
 * @param value an object, or none
 * @throws Problem `invalid_request` for an option that is not known
 */
export function parseOptions(value: unknown): AnalysisOptions {
  const parsed = optionsSchema.nullish().safeParse(value);
  if (!parsed.success) throw invalidRequest(parsed.error, 'options');
  return { model: parsed.data?.model ?? null, sampling: parsed.data?.sampling ?? null };
}

/** Names each wrong field with what was expected. */
export function invalidRequest(error: z.ZodError, field = ''): Problem {
  const errors = error.issues.map((issue) => ({
    field: [field, ...issue.path].filter((part) => part !== '').join('.') || 'body',
    message: issue.message,
  }));
  return new Problem(
    'invalid_request',
    `${errors.map(({ field: name, message }) => `${name}: ${message}`).join('; ')}.`,
    { members: { errors } },
  );
}
