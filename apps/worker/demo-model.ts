import type { ModelFacts } from '../../workflows/contracts/result.js';

/** Name that the bundled demo model's own `config.json` gives it. */
const DEMO_MODEL_ID = 'deepfake-analysis-service/demo';

/** True for the bundled demo model, which must never be taken for one that judges. */
export function isDemoModel({ id }: Pick<ModelFacts, 'id'>): boolean {
  return id === DEMO_MODEL_ID;
}
