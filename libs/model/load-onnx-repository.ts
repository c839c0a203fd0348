import path from 'node:path';
import { architectureOf } from './architectures/parse.js';
import { sha256OfWeights } from './checkpoint.js';
import { refusedField } from './config-fields.js';
import { readModelJson } from './json-file.js';
import { fakeRuleOf, parseLabels } from './labels.js';
import type { LoadOptions } from './load-safetensors.js';
import type { LoadedModel } from './loaded-model.js';
import { ModelError } from './model-error.js';
import { ONNX_GRAPH } from './model-files.js';
import { normalisationTable } from './normalise.js';
import { parseProcessorConfig } from './processor-config.js';

/** Whose session runs the graph; part of the fingerprint. The same version as in package.json. */
export const TRANSFORMERS_VERSION = 'transformers.js-4.3.1';

/**
 * Reads a repository that brings its own ONNX graph. The graph itself is looked at in the threads that run it.
 * @param weightFiles names in `folder`
 * @throws ModelError naming the field or file that is not as it has to be
 */
export async function loadOnnxRepository(
  folder: string,
  weightFiles: readonly string[],
  { dtype, device, fakeLabel, signal }: LoadOptions,
): Promise<LoadedModel> {
  const config = await readModelJson(folder, 'config.json');
  const architecture = architectureOf(config);
  if (architecture === undefined)
    throw refusedField('config.json', 'architectures', 'a list of names', config.architectures);
  if (dtype !== 'fp32') {
    throw new ModelError(
      'model_unsupported',
      `expected MODEL_DTYPE=fp32 for ${architecture}, got ${dtype}: it is run by the repository's own ${ONNX_GRAPH}. ` +
        'Set MODEL_DTYPE=fp32, or take a model with safetensors of an architecture whose graph is built here.',
    );
  }
  const processor = parseProcessorConfig(
    await readModelJson(folder, 'preprocessor_config.json'),
    config,
  );
  const labels = parseLabels(config.id2label);
  const rule = fakeRuleOf(labels, fakeLabel);
  return {
    architecture,
    weightsSha256: await sha256OfWeights(folder, weightFiles, signal),
    graphBuilder: TRANSFORMERS_VERSION,
    processor,
    labels,
    rule,
    plan: () =>
      Promise.resolve({
        kind: 'transformers',
        folder: path.resolve(folder),
        inputSize: processor.size,
        labels: labels.length,
        device,
        table: normalisationTable(processor),
      }),
    packable: null,
  };
}
