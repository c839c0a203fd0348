import type { Checkpoint } from './checkpoint.js';
import { derivedWeights } from './derived-weights.js';
import { narrow } from './float16.js';
import { readFloats } from './float32-weights.js';
import { ModelError } from './model-error.js';
import { writeSafetensors } from './safetensors-file.js';
import { tensorsOf, type VisionTransformer } from './vision-transformer.js';
import type { Weights } from './weights.js';

/**
 * The weights in half precision, but for the classifier's, which a graph always computes in float32.
 * @throws ModelError naming a tensor that holds a value beyond half precision's range, NaN or infinity
 */
export function float16Weights(
  checkpoint: Checkpoint,
  model: VisionTransformer,
  cacheDir: string,
): Promise<Weights> {
  return derivedWeights(checkpoint, 'float16', cacheDir, (target) =>
    writeSafetensors(
      target,
      tensorsOf(model).map(({ name, shape }) => {
        const isKept = name.startsWith(`${model.tensors.classifier}.`);
        return {
          name,
          dtype: isKept ? 'F32' : 'F16',
          shape,
          bytes: async () => {
            const values = await readFloats(checkpoint, name);
            return bytesOf(isKept ? values : narrowed(name, values));
          },
        };
      }),
    ),
  );
}

function narrowed(name: string, values: Float32Array): Uint16Array {
  try {
    return narrow(values);
  } catch (cause) {
    throw new ModelError(
      'model_unsupported',
      `safetensors: tensor ${name} does not fit half precision (±65504): use MODEL_DTYPE=fp32`,
      { cause },
    );
  }
}

const bytesOf = (values: Float32Array | Uint16Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
