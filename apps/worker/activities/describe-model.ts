import type { InferenceEngine } from '../../../libs/model/engine.js';
import type {
  DescribedModel,
  InferenceActivities,
} from '../../../workflows/contracts/activities.js';

/** What this worker's model is, and what crops it takes. */
export function describeModel(engine: InferenceEngine): InferenceActivities['describeModel'] {
  const d = engine.description;
  const described: DescribedModel = {
    model: {
      id: d.id,
      revision: d.revision,
      weights_sha256: d.weightsSha256,
      architecture: d.architecture,
      dtype: d.dtype,
      device: d.device,
      graph_builder: d.graphBuilder,
      input_size: d.inputSize,
      processor: {
        resample: d.resample,
        rescale_factor: d.rescaleFactor,
        image_mean: d.imageMean,
        image_std: d.imageStd,
      },
      accuracy:
        d.accuracy === null
          ? null
          : {
              pictures: d.accuracy.pictures,
              max_difference: d.accuracy.maxDifference,
              mean_difference: d.accuracy.meanDifference,
              bound: d.accuracy.bound,
            },
      labels: d.labels,
      fake_label: d.fakeLabel,
      fingerprint: d.fingerprint,
    },
    crop: { size: d.inputSize, resample: d.resample },
  };
  return () => Promise.resolve(described);
}
