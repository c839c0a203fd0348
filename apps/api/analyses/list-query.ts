import { z } from 'zod';
import { MEDIA_TYPES } from '../../../workflows/contracts/request.js';
import { FAILURE_CODES } from '../../../workflows/contracts/failure-codes.js';
import type { AnalysisStatus } from '../../../workflows/contracts/progress.js';
import type { Verdict } from '../../../workflows/contracts/result.js';
import { invalidRequest } from '../intake/fields.js';

const STATUSES = [
  'queued',
  'running',
  'succeeded',
  'failed',
  'cancelled',
] as const satisfies readonly AnalysisStatus[];
const VERDICTS = [
  'likely_fake',
  'likely_real',
  'inconclusive',
  'not_analysed',
] as const satisfies readonly Verdict[];
/** What a failed analysis may have ended with: a run's own failure, or an operator's end to it. */
const CODES = [...FAILURE_CODES, 'analysis_terminated'] as const;

const MOST_ITEMS = 100;
const USUAL_ITEMS = 20;

const oneOf = <const T extends readonly string[]>(values: T) =>
  z.enum(values, `expected ${values.join(', ')}`).optional();

/** Which analyses are wanted. */
const filterShape = {
  status: oneOf(STATUSES),
  verdict: oneOf(VERDICTS),
  mediaType: oneOf(MEDIA_TYPES),
  code: oneOf(CODES),
};

const limit = z
  .string()
  .regex(/^\d{1,3}$/, `expected a whole number from 1 to ${MOST_ITEMS}`)
  .transform(Number)
  .refine(
    (value) => value >= 1 && value <= MOST_ITEMS,
    `expected a whole number from 1 to ${MOST_ITEMS}`,
  )
  .default(USUAL_ITEMS);
const pageToken = z
  .string()
  .regex(/^[\w-]{1,2000}$/, 'expected next_page_token of the page before')
  .optional();

const listSchema = z.strictObject({ ...filterShape, limit, pageToken });
const bulkSchema = z.strictObject({
  ...filterShape,
  status: z.enum(['failed', 'cancelled'], 'expected failed or cancelled'),
  limit,
  pageToken,
  dryRun: z
    .enum(['true', 'false'], 'expected true or false')
    .transform((value) => value === 'true')
    .default(false),
});

export type ListFilter = Readonly<Omit<z.output<typeof listSchema>, 'limit' | 'pageToken'>>;
export type ListQuery = Readonly<z.output<typeof listSchema>>;
export type BulkQuery = Readonly<z.output<typeof bulkSchema>>;

/** @throws Problem `invalid_request` naming the parameter */
export function parseListQuery(query: unknown): ListQuery {
  return parse(listSchema, query);
}

/** @throws Problem as {@link parseListQuery} */
export function parseBulkQuery(query: unknown): BulkQuery {
  return parse(bulkSchema, query);
}

function parse<T>(schema: z.ZodType<T>, query: unknown): T {
  const parsed = schema.safeParse(query);
  if (!parsed.success) throw invalidRequest(parsed.error);
  return parsed.data;
}
