import { z } from 'zod';
import { MAX_MODEL_VERSION_LENGTH } from '../intake/fields.js';
import { invalidRequest } from '../intake/fields.js';
import { Problem } from '../problems/problem.js';
import type { Thresholds } from '../../../workflows/contracts/request.js';

/** From where an analysis is run again. */
export type RetryFrom = 'start' | 'scoring' | 'aggregation';

export interface RetryWish {
  readonly from: RetryFrom;
  /** Alias of another model; null = the one that the analysis was for. */
  readonly model: string | null;
  /** Other than the pipeline's own; only from the aggregation. */
  readonly thresholds: Thresholds | null;
}

const risk = z.number('expected a risk from 0 to 100').min(0).max(100);
const schema = z
  .strictObject({
    from: z
      .enum(['start', 'scoring', 'aggregation'], 'expected start, scoring or aggregation')
      .default('start'),
    model: z.string().min(1).max(MAX_MODEL_VERSION_LENGTH).nullish(),
    thresholds: z
      .strictObject({ fake: risk, real: risk })
      .refine(({ fake, real }) => real < fake, 'expected real below fake')
      .nullish(),
  })
  .nullish();

/**
 * @param body a JSON object, or none for `{"from": "start"}`
 * @throws Problem `invalid_request` naming the field
 */
export function parseRetryWish(body: unknown): RetryWish {
  const parsed = schema.safeParse(body);
  if (!parsed.success) throw invalidRequest(parsed.error);
  const { from = 'start', model = null, thresholds = null } = parsed.data ?? {};
  if (model !== null && from === 'aggregation') {
    throw new Problem(
      'invalid_request',
      'model: expected none with from "aggregation", which takes the scores as they are; use from "scoring".',
    );
  }
  if (thresholds !== null && from !== 'aggregation') {
    throw new Problem('invalid_request', 'thresholds: expected none unless from is "aggregation".');
  }
  return { from, model, thresholds };
}
