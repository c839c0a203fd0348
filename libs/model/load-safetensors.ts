import { parseArchitecture } from './architectures/parse.js';
import { openCheckpoint } from './checkpoint.js';
import { float16Weights } from './float16-weights.js';
import { float32Weights } from './float32-weights.js';
import { int8Weights, type Conversion } from './int8-weights.js';
import { readModelJson } from './json-file.js';
import { fakeRuleOf } from './labels.js';
import type { LoadedModel } from './loaded-model.js';
import { ModelError } from './model-error.js';
import { normalisationTable } from './normalise.js';
import { int8, int8Fast } from './onnx/int8-numerics.js';
import { cpuFloat32, float16, gpuFloat32 } from './onnx/float-numerics.js';
import type { Numerics } from './onnx/numerics.js';
import {
  buildVisionTransformerGraph,
  GRAPH_BUILDER_VERSION,
} from './onnx/vision-transformer-graph.js';
import type { Device, Dtype } from './precision.js';
import { parseProcessorConfig } from './processor-config.js';
import { tensorsOf } from './vision-transformer.js';
import type { Weights } from './weights.js';

export interface LoadOptions {
  readonly dtype: Dtype;
  readonly device: Device;
  /** The label that means fake, where the labels' names don't tell. */
  readonly fakeLabel: string | null;
  /** Folder for weights that had to be converted. */
  readonly cacheDir: string;
  readonly signal?: AbortSignal;
  /** Told of what an operator should know. */
  readonly onNotice?: (notice: string) => void;
}

/**
 * Reads a checkpoint of safetensors and writes the graph for it.
 * @param weightFiles names in `folder`
 * @throws ModelError naming the field, tensor or file that is not as it has to be
 */
export async function loadSafetensors(
  folder: string,
  weightFiles: readonly string[],
  options: LoadOptions,
): Promise<LoadedModel> {
  const config = await readModelJson(folder, 'config.json');
  const model = parseArchitecture(config);
  const processorJson = await readModelJson(folder, 'preprocessor_config.json');
  const processor = parseProcessorConfig(processorJson, config);
  if (processor.size !== model.imageSize) {
    throw new ModelError(
      'model_invalid',
      `expected preprocessor_config.json and config.json to agree on the picture's size, got ${processor.size} and ${model.imageSize}`,
    );
  }
  const rule = fakeRuleOf(model.labels, options.fakeLabel);
  const checkpoint = await openCheckpoint(folder, weightFiles, tensorsOf(model), options.signal);
  const { numerics, weightsOf, layout } = computation(options);
  const shape = {
    kind: 'graph',
    inputSize: model.imageSize,
    device: options.device,
    table: normalisationTable(processor),
  } as const;
  return {
    architecture: model.architecture,
    weightsSha256: checkpoint.sha256,
    graphBuilder: [GRAPH_BUILDER_VERSION, numerics.revision]
      .filter((part) => part !== null)
      .join('/'),
    processor,
    labels: model.labels,
    rule,
    plan: async () => {
      const weights = await weightsOf({
        checkpoint,
        config,
        model,
        processor,
        cacheDir: options.cacheDir,
        onNotice: options.onNotice ?? (() => undefined),
        ...(options.signal ? { signal: options.signal } : {}),
      });
      return {
        ...shape,
        graph: buildVisionTransformerGraph(model, weights, numerics),
        weightsFolder: weights.folder,
        layout,
      };
    },
    packable: options.device === 'cpu' ? shape : null,
  };
}

interface Computation {
  readonly numerics: Numerics;
  readonly weightsOf: (conversion: Conversion) => Promise<Weights>;
  /** Where the weights are not packed. */
  readonly layout: 'mapped' | 'own';
}

function computation({ dtype, device }: LoadOptions): Computation {
  switch (dtype) {
    case 'fp32':
      return {
        numerics: device === 'cpu' ? cpuFloat32 : gpuFloat32,
        weightsOf: ({ checkpoint, model, cacheDir }) => float32Weights(checkpoint, model, cacheDir),
        layout: 'mapped',
      };
    case 'fp16':
      return {
        numerics: float16,
        weightsOf: ({ checkpoint, model, cacheDir }) => float16Weights(checkpoint, model, cacheDir),
        layout: 'mapped',
      };
    case 'int8':
    case 'int8-fast':
      refuseGpu(dtype, device);
      // Their operators are fast, and give the numbers that they were measured with, only where weights are packed.
      return {
        numerics: dtype === 'int8' ? int8 : int8Fast,
        weightsOf: int8Weights,
        layout: 'own',
      };
  }
}

function refuseGpu(dtype: Dtype, device: Device): void {
  if (device === 'cpu') return;
  throw new ModelError(
    'model_unsupported',
    `expected MODEL_DTYPE=fp32 or fp16 on DEVICE=${device}, got ${dtype}, which is for CPUs`,
  );
}
