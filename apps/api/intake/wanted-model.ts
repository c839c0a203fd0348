import type { ModelSettings } from '../../../libs/platform/config/config.js';
import { Problem } from '../problems/problem.js';

/** What a request says of the model it wants; null where it says nothing. */
export interface ModelWish {
  /** `options.model`: this one or none. */
  readonly model: string | null;
  /** Older clients send any text here; only where it is an alias it is a wish. */
  readonly modelVersion: string | null;
}

/**
 * The model that a request asks for by alias, or the default one.
 *
 * @param models the default one first
 * @throws Problem `unknown_model` naming the aliases
 */
export function wantedModel(
  models: readonly ModelSettings[],
  { model, modelVersion }: ModelWish,
): ModelSettings {
  const named = models.find(({ alias }) => alias === (model ?? modelVersion));
  if (named !== undefined) return named;
  const known = models.map(({ alias }) => alias);
  const [standard] = models;
  if (model === null && standard !== undefined) return standard;
  throw new Problem(
    'unknown_model',
    `Expected options.model to be ${known.join(' or ')}, got ${JSON.stringify(model?.slice(0, 80))}.`,
    { members: { known } },
  );
}
