import type { InferenceEngine } from '../../../libs/model/engine.js';
import { modelFacts } from '../../../libs/model/model-facts.js';
import type {
  DescribedModel,
  InferenceActivities,
} from '../../../workflows/contracts/activities.js';

/** What this worker's model is, and what crops it takes. */
export function describeModel(engine: InferenceEngine): InferenceActivities['describeModel'] {
  const { description } = engine;
  const described: DescribedModel = {
    model: modelFacts(description),
    crop: { size: description.inputSize, resample: description.resample },
  };
  return () => Promise.resolve(described);
}
