import { InferenceSession, listSupportedBackends, Tensor } from 'onnxruntime-node';
import { INPUT_NAME, OUTPUT_NAME } from './onnx/vision-transformer-graph.js';
import type { Device } from './precision.js';

/** What a session is made from. */
export interface SessionPlan {
  readonly kind: 'graph';
  /** Serialised ONNX model whose weights point into `weightsFolder`. */
  readonly graph: Uint8Array;
  readonly weightsFolder: string;
  readonly inputSize: number;
  readonly device: Device;
  /**
   * Whether each session keeps weights in a layout of its own: some operators are fast only so, others then only take
   * several times the memory.
   */
  readonly prepack: boolean;
  /** For devices without 8-bit input: the value of byte `b` in channel `c` at `c · 256 + b`. */
  readonly table: Float32Array | null;
}

/** The one place that talks to ONNX Runtime. `run` blocks its thread: call it from a worker thread. */
export class Session {
  readonly #session: InferenceSession;
  readonly #plan: SessionPlan;

  private constructor(session: InferenceSession, plan: SessionPlan) {
    this.#session = session;
    this.#plan = plan;
  }

  /** @throws Error when the model or the device can't be had; there is no other device that is taken instead */
  static async create(plan: SessionPlan): Promise<Session> {
    const { graph, device, prepack, weightsFolder } = plan;
    const session = await InferenceSession.create(graph, {
      executionProviders: [device],
      // One CPU thread a session: several sessions in several threads beat one that spins on all cores.
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      extra: {
        session: {
          // Weights stay mapped from their file, shared by all threads, instead of one repacked copy each.
          disable_prepacking: prepack ? '0' : '1',
          model_external_initializers_file_folder_path: weightsFolder,
          intra_op: { allow_spinning: '0' },
          // ONNX Runtime would compute on the CPU what the device can't, without a word.
          ...(device === 'cpu' ? {} : { disable_cpu_ep_fallback: '1' }),
        },
      },
    });
    return new Session(session, plan);
  }

  /** Logits of `count` pictures of `size × size × 3` bytes, `count × labels`. */
  async run(pixels: Uint8Array, count: number): Promise<Float32Array> {
    const { inputSize, table } = this.#plan;
    const dims = [count, inputSize, inputSize, 3];
    const input =
      table === null
        ? new Tensor('uint8', pixels, dims)
        : new Tensor('float32', lookUp(table, pixels), dims);
    const { [OUTPUT_NAME]: output } = await this.#session.run({ [INPUT_NAME]: input });
    if (!(output?.data instanceof Float32Array))
      throw new Error('expected float32 logits from the session');
    return output.data;
  }
}

/** Devices that this build of ONNX Runtime knows, each with whether its libraries came with the package. */
export function runtimeDevices(): readonly { readonly name: string; readonly bundled: boolean }[] {
  return listSupportedBackends();
}

function lookUp(table: Float32Array, pixels: Uint8Array): Float32Array {
  const values = new Float32Array(pixels.length);
  for (let i = 0; i < pixels.length; i += 3) {
    values[i] = table[pixels[i] as number] as number;
    values[i + 1] = table[256 + (pixels[i + 1] as number)] as number;
    values[i + 2] = table[512 + (pixels[i + 2] as number)] as number;
  }
  return values;
}
