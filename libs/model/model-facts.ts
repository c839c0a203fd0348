import type { ModelDescription } from './engine.js';

/** What a model is, in the form of results and of the command line: names with underscores. */
export function modelFacts(d: ModelDescription) {
  const { accuracy } = d;
  return {
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
      accuracy === null
        ? null
        : {
            pictures: accuracy.pictures,
            max_difference: accuracy.maxDifference,
            mean_difference: accuracy.meanDifference,
            bound: accuracy.bound,
          },
    labels: d.labels,
    fake_label: d.fakeLabel,
    fingerprint: d.fingerprint,
  };
}
