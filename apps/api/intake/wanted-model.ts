import type { ModelIdentity } from '../../../libs/platform/worker-identity.js';
import { Problem } from '../problems/problem.js';
import type { AnalysisOptions } from './fields.js';

/**
 * Holds `options.model` against the model that runs.
 * @throws Problem `unknown_model` naming the one that can be asked for
 */
export function refuseAnotherModel({ model }: AnalysisOptions, running: ModelIdentity): void {
  if (model === null || model === running.id) return;
  throw new Problem(
    'unknown_model',
    `Expected options.model to name a model that runs here, got ${JSON.stringify(model.slice(0, 80))}.`,
    { members: { known: [running.id] } },
  );
}
